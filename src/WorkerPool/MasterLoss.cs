namespace WorkerPool;

/// <summary>What a worker does when its master ends without having stopped it.</summary>
public enum MasterLoss
{
    /// <summary>It drains, within <see cref="PoolOptions.DrainDeadline"/>, and exits: no worker outlives its master for long.</summary>
    Drain,

    /// <summary>It goes on to serve, with nobody to supervise it, until it gets SIGTERM.</summary>
    /// <remarks>
    /// If its standard error was relayed, nobody reads that any more. A .NET worker does not mind; one in another language
    /// has to ignore SIGPIPE, or <see cref="PoolOptions.RelayStandardError"/> be false.
    /// </remarks>
    Serve,
}
