namespace WorkerPool;

/// <summary>Where a rollout is.</summary>
public enum RolloutState
{
    /// <summary>It replaces workers.</summary>
    Rolling,

    /// <summary>It was told to wait, or waits because its release failed; what had begun is finished.</summary>
    Paused,

    /// <summary>It was given up; what had begun is finished.</summary>
    Stopping,

    /// <summary>Slots get their previous release back.</summary>
    RollingBack,

    /// <summary>It is over, with success.</summary>
    Done,

    /// <summary>It is over; every slot runs what it ran before.</summary>
    RolledBack,

    /// <summary>It is over; some slots run the new release, others the previous one.</summary>
    Failed,
}
