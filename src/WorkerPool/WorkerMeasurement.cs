namespace WorkerPool;

/// <summary>What one worker process uses of the machine. Immutable.</summary>
public sealed record WorkerMeasurement
{
    /// <summary>The slot of the worker.</summary>
    public required int Slot { get; init; }

    /// <summary>The running number of the worker in its slot, from 1.</summary>
    public required int Generation { get; init; }

    /// <summary>The process id.</summary>
    public required int ProcessId { get; init; }

    /// <summary>
    /// Its proportional set size in bytes, what is swapped out included (proc_pid_smaps(5)): a page that n processes share
    /// counts as one n-th, so that the workers can be added up. <see langword="null"/> if the process has just ended, or if
    /// the master may not look (a worker that runs as another user, and a master without <c>CAP_SYS_PTRACE</c>).
    /// </summary>
    public required long? PssBytes { get; init; }

    /// <summary>
    /// The processor time of all its threads since it was started, in user mode and in the kernel
    /// (clock_getcpuclockid(3)). <see langword="null"/> if the process has just ended.
    /// </summary>
    public required TimeSpan? CpuTime { get; init; }
}
