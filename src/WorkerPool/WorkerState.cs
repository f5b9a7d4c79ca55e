namespace WorkerPool;

/// <summary>Where a worker is in its life.</summary>
public enum WorkerState
{
    /// <summary>Started, has not said that it accepts.</summary>
    Starting,

    /// <summary>Accepts connections.</summary>
    Ready,

    /// <summary>Was asked to drain: finishes what it has.</summary>
    Draining,

    /// <summary>Was told to end at once.</summary>
    Stopping,
}
