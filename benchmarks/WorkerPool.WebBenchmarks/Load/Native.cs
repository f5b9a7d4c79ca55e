using System.Runtime.InteropServices;
using Tmds.Linux;

namespace WorkerPool.WebBenchmarks.Load;

/// <summary>What Tmds.LibC lacks.</summary>
internal static unsafe partial class Native
{
    private const int PR_SET_TIMERSLACK = 29;

    /// <summary>The calling thread's timers are exact, see prctl(2); by default they may be 50 µs late.</summary>
    public static void ExactTimers() => Check(prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0), "prctl(PR_SET_TIMERSLACK)");

    /// <summary>Like epoll_wait(2), with a timeout in nanoseconds; negative: none.</summary>
    public static int Wait(int epoll, epoll_event* events, int max, long nanoseconds)
    {
        Timespec timeout = new() { Seconds = nanoseconds / 1_000_000_000, Nanoseconds = nanoseconds % 1_000_000_000 };
        int count = epoll_pwait2(epoll, events, max, nanoseconds < 0 ? null : &timeout, null);
        return count < 0 && Marshal.GetLastPInvokeError() == LibC.EINTR ? 0 : Check(count, "epoll_pwait2");
    }

    /// <summary>CPU time of all threads of a process, user and system, in microseconds; see clock_getcpuclockid(3).</summary>
    public static double CpuMicroseconds(int process)
    {
        Timespec time;
        int error = clock_getcpuclockid(process, out int clock);
        return error == 0 && clock_gettime(clock, &time) == 0
            ? (time.Seconds * 1e6) + (time.Nanoseconds / 1e3)
            : throw new InvalidOperationException($"The CPU time of process {process} cannot be read ({error}): has it ended?");
    }

    public static int Check(int result, string call) =>
        result >= 0 ? result : throw new InvalidOperationException($"{call} failed: errno {Marshal.GetLastPInvokeError()}.");

    [LibraryImport("libc.so.6", SetLastError = true)]
    private static partial int epoll_pwait2(int epoll, epoll_event* events, int max, Timespec* timeout, void* mask);

    [LibraryImport("libc.so.6", SetLastError = true)]
    private static partial int prctl(int operation, nuint a, nuint b, nuint c, nuint d);

    [LibraryImport("libc.so.6")]
    private static partial int clock_getcpuclockid(int process, out int clock);

    [LibraryImport("libc.so.6")]
    private static partial int clock_gettime(int clock, Timespec* time);

    private struct Timespec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
