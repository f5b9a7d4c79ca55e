namespace WorkerPool;

/// <summary>
/// When a worker that does well is replaced all the same, for instance because its code leaks memory. Nothing is set by
/// default: no worker is.
/// </summary>
/// <remarks>
/// Each limit is lowered by a random part of up to <see cref="Jitter"/> of it, drawn once for each worker, so that workers
/// that were started together are not due together. One worker at a time is replaced, the one that has been due for the
/// longest first, and none before it has been ready for <see cref="RespawnOptions.StableAfter"/>.
/// </remarks>
public sealed class RecycleOptions
{
    /// <summary>How long a worker may be ready. Default: for ever; at least 1 s.</summary>
    public TimeSpan? Age { get; set; }

    /// <summary>How many connections a worker may accept. Default: any number; at least 1.</summary>
    public long? Connections { get; set; }

    /// <summary>
    /// How much memory a worker may take, in bytes of proportional set size (PSS, see proc_pid_smaps(5)). Default: any
    /// amount; at least 1. A limit that a worker exceeds as soon as it is ready makes the pool replace workers without end.
    /// </summary>
    public long? MemoryBytes { get; set; }

    /// <summary>The part of each limit that is random. Default 0.1; 0 to 0.5.</summary>
    public double Jitter { get; set; } = 0.1;

    /// <summary>
    /// How often the pool looks whether a worker is due. Default 10 s; at least 100 ms. With <see cref="MemoryBytes"/> each
    /// look reads the page tables of all workers, which takes some milliseconds for each 100 MB.
    /// </summary>
    public TimeSpan Period { get; set; } = TimeSpan.FromSeconds(10);

    internal RecycleOptions Copy() => (RecycleOptions)MemberwiseClone();
}
