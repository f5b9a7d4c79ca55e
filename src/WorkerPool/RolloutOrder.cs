namespace WorkerPool;

/// <summary>Which worker of a slot goes first in a rollout; see <see cref="RolloutPlan.Order"/>.</summary>
public enum RolloutOrder
{
    /// <summary>The new one, while the memory holds one more; otherwise the old one.</summary>
    Auto,

    /// <summary>The new one, always.</summary>
    StartFirst,

    /// <summary>The old one, always.</summary>
    StopFirst,
}
