namespace WorkerPool.Sockets;

/// <summary>Where a connection that a worker serves comes from.</summary>
internal enum Origin
{
    /// <summary>A client, who has sent and got nothing on it so far; from the kernel's queue, or passed by the master.</summary>
    Client,

    /// <summary>This worker itself.</summary>
    Self,

    /// <summary>A client whom another worker has served on it before, and counted.</summary>
    OtherWorker,
}
