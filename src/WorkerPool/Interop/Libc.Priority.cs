using System.Runtime.InteropServices;

namespace WorkerPool.Interop;

/// <summary>Scheduling priority and limits: getpriority(2), getrlimit(2).</summary>
internal static unsafe partial class Libc
{
    // On Linux a thread's number is as good as a process's, and means this thread alone.
    public const int PRIO_PROCESS = 0;
    public const int RLIMIT_NICE = 13;
    public const int RLIMIT_NOFILE = 7;
    public const int MaxNice = 19;

    /// <summary>A result of -1 is an error only if errno was set: it is a nice value too. errno is cleared before.</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial int getpriority(int which, int who);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int setpriority(int which, int who, int priority);

    /// <summary>Fills in two numbers, the soft and the hard limit.</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial int getrlimit(int resource, nuint* limits);
}
