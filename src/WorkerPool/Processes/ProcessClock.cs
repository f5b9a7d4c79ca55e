using Tmds.Linux;
using WorkerPool.Interop;

namespace WorkerPool.Processes;

/// <summary>
/// The processor time of another process, see clock_getcpuclockid(3): of all its threads, also of those that have ended,
/// in user mode and in the kernel. Exact to the scheduler's nanosecond, where /proc/PID/stat counts hundredths of a
/// second; and readable for everybody, whatever the process changed its user to.
/// </summary>
internal static unsafe class ProcessClock
{
    private const long NanosecondsPerTick = 1_000_000_000 / TimeSpan.TicksPerSecond;

    /// <summary>The time used so far; null if there is no such process.</summary>
    public static TimeSpan? Read(int processId)
    {
        int clock;
        timespec time;
        return Libc.clock_getcpuclockid(processId, &clock) == 0 && Libc.clock_gettime(clock, &time) == 0 ? ToTimeSpan(time) : null;
    }

    internal static TimeSpan ToTimeSpan(timespec time) =>
        TimeSpan.FromTicks((time.tv_sec * TimeSpan.TicksPerSecond) + (time.tv_nsec / NanosecondsPerTick));
}
