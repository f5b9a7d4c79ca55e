using System.Diagnostics.CodeAnalysis;

namespace WorkerPool;

/// <summary>What a process may take, getrlimit(2). The numbers are those of the kernel (x86-64 and arm64).</summary>
[SuppressMessage("Design", "CA1008", Justification = "The numbers are the kernel's, and its 0 is the processor time.")]
public enum ResourceLimit
{
    /// <summary>Processor time in seconds, of all threads together (RLIMIT_CPU); beyond it the process is killed.</summary>
    ProcessorTime = 0,

    /// <summary>The size in bytes to which it may write a file (RLIMIT_FSIZE).</summary>
    FileSize = 1,

    /// <summary>Private writable memory in bytes (RLIMIT_DATA). The .NET runtime reserves far more than it uses.</summary>
    Data = 2,

    /// <summary>The stack of the first thread, and by default of every other one, in bytes (RLIMIT_STACK).</summary>
    Stack = 3,

    /// <summary>The size of a core dump in bytes (RLIMIT_CORE); 0: none is written.</summary>
    CoreDump = 4,

    /// <summary>Processes and threads of the worker's user, of all its programs together (RLIMIT_NPROC). Does not bind root.</summary>
    Processes = 6,

    /// <summary>One more than the largest descriptor number (RLIMIT_NOFILE), so about how many files and connections can be open.</summary>
    OpenFiles = 7,

    /// <summary>Memory that may be locked, in bytes (RLIMIT_MEMLOCK).</summary>
    LockedMemory = 8,

    /// <summary>Address space in bytes (RLIMIT_AS). The .NET runtime reserves some 256 GB; use a cgroup to bound memory.</summary>
    AddressSpace = 9,

    /// <summary>Signals that may be queued for the worker's user (RLIMIT_SIGPENDING).</summary>
    PendingSignals = 11,

    /// <summary>Bytes in POSIX message queues of the worker's user (RLIMIT_MSGQUEUE).</summary>
    MessageQueues = 12,

    /// <summary>20 minus the lowest nice value that it may give itself (RLIMIT_NICE); 0 to 40.</summary>
    Nice = 13,

    /// <summary>The highest real-time priority that it may give itself (RLIMIT_RTPRIO); 0 to 99.</summary>
    RealTimePriority = 14,

    /// <summary>Microseconds that it may run under a real-time policy without a pause (RLIMIT_RTTIME).</summary>
    RealTimeTime = 15,
}
