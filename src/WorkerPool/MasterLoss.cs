namespace WorkerPool;

/// <summary>What a worker does when its master ends without having stopped it.</summary>
public enum MasterLoss
{
    /// <summary>It drains, within <see cref="PoolOptions.DrainDeadline"/>, and exits: no worker outlives its master for long.</summary>
    Drain,

    /// <summary>It goes on to serve, with nobody to supervise it, until it gets SIGTERM.</summary>
    Serve,
}
