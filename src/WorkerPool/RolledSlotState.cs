namespace WorkerPool;

/// <summary>Where a rollout is with one slot.</summary>
public enum RolledSlotState
{
    /// <summary>Its turn has not come.</summary>
    Waiting,

    /// <summary>Its worker is being replaced.</summary>
    Replacing,

    /// <summary>The new worker serves, and must live on for a while.</summary>
    Baking,

    /// <summary>It runs the new release.</summary>
    Done,

    /// <summary>The new worker failed; the slot runs its previous release, or will get it back.</summary>
    Failed,

    /// <summary>It gets its previous release back.</summary>
    RollingBack,

    /// <summary>It runs its previous release again.</summary>
    RolledBack,

    /// <summary>It was empty on purpose, and still is.</summary>
    Skipped,
}
