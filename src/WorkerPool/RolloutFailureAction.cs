namespace WorkerPool;

/// <summary>What a rollout does when its release has failed.</summary>
public enum RolloutFailureAction
{
    /// <summary>Each slot gets the release back that it had, within the same bounds.</summary>
    RollBack,

    /// <summary>The rollout waits for somebody to resume it (failed slots are tried again) or to abort it.</summary>
    Pause,

    /// <summary>The rollout ends; slots that are done keep the new release.</summary>
    Stop,
}
