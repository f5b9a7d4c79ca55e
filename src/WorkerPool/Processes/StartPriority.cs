using System.Globalization;
using WorkerPool.Interop;
using static Tmds.Linux.LibC;

namespace WorkerPool.Processes;

/// <summary>
/// Keeps a worker that starts (and compiles) from taking the processor away from those that serve: its threads have a
/// higher nice value until it is ready; see <see cref="PoolOptions.StartNice"/>.
/// </summary>
/// <remarks>
/// On Linux nice belongs to the thread, sched(7), and a new thread has that of its maker. At the spawn the process has one
/// thread, or some few if it was quicker than we are. Threads that the worker gave another nice value itself, and
/// processes that it started, are left as they are.
/// <para>
/// Where the kernel groups by session (autogroup) or by cgroup, nice works within the group only. Workers are in the
/// session and the cgroup of their master, so among them it works everywhere.
/// </para>
/// </remarks>
internal sealed class StartPriority
{
    // A worker that lowers its own threads without end must not keep the master busy.
    private const int MostLooks = 100;

    private readonly int _processId;
    private readonly int _normal;
    private readonly int _low;

    private StartPriority(int processId, int normal, int low)
    {
        _processId = processId;
        _normal = normal;
        _low = low;
    }

    /// <summary>Why priorities are better left alone, as a sentence; null if they need not be.</summary>
    /// <param name="nice">The nice value that workers have; null: that of this process.</param>
    /// <param name="otherUser">Whether workers have another user, whose priorities only the capability may change.</param>
    public static string? Hindrance(int? nice = null, bool otherUser = false)
    {
        try
        {
            return PriorityRights.Hindrance(File.ReadAllText("/proc/self/status"), File.ReadAllText("/proc/self/uid_map"), otherUser ? 0 : NiceLimit(), nice ?? NiceOf(Environment.ProcessId) ?? 0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"The master cannot find out whether it may raise a priority: {e.Message}";
        }
    }

    /// <summary>Lowers the priority of a process that was started just now.</summary>
    /// <param name="processId">The process.</param>
    /// <param name="by">What to add to its nice value, 1 to 19.</param>
    /// <returns>What restores it; null if there is nothing to restore.</returns>
    /// <exception cref="IOException">It could not be lowered.</exception>
    public static StartPriority? Lower(int processId, int by)
    {
        if (NiceOf(processId) is not int normal || normal >= Libc.MaxNice)
        {
            return null; // it has ended, or is at the end of the scale
        }

        StartPriority priority = new(processId, normal, Math.Min(Libc.MaxNice, normal + by));
        Set(processId, priority._low); // the first thread at once, usually the only one
        priority.Change(normal, priority._low);
        return priority;
    }

    /// <summary>Gives every thread that is still low its priority back.</summary>
    /// <exception cref="IOException">The kernel refuses it.</exception>
    public void Restore() => Change(_low, _normal);

    /// <summary>
    /// Until a look finds none: a thread may make another one between the look and the change. One that is being made
    /// during the last look is not seen; look again a while later.
    /// </summary>
    private void Change(int from, int to)
    {
        for (int look = 0; look < MostLooks && ChangeAll(from, to); look++)
        {
        }
    }

    private bool ChangeAll(int from, int to)
    {
        bool changed = false;
        foreach (int thread in Threads().Where(thread => NiceOf(thread) == from))
        {
            Set(thread, to);
            changed = true;
        }

        return changed;
    }

    private int[] Threads()
    {
        try
        {
            return [.. Directory.EnumerateDirectories(string.Create(CultureInfo.InvariantCulture, $"/proc/{_processId}/task"))
                .Select(directory => int.Parse(Path.GetFileName(directory), CultureInfo.InvariantCulture))];
        }
        catch (DirectoryNotFoundException)
        {
            return []; // it has ended
        }
    }

    private static void Set(int thread, int nice)
    {
        if (Libc.setpriority(Libc.PRIO_PROCESS, thread, nice) != 0 && Errno.Last != ESRCH)
        {
            throw new SystemCallException(string.Create(CultureInfo.InvariantCulture, $"setpriority({thread}, {nice})"), Errno.Last);
        }
    }

    private static int? NiceOf(int thread)
    {
        int nice = Libc.getpriority(Libc.PRIO_PROCESS, thread);
        int error = nice == -1 ? Errno.Last : 0;
        return error == 0 ? nice
            : error == ESRCH ? null
            : throw new SystemCallException(string.Create(CultureInfo.InvariantCulture, $"getpriority({thread})"), error);
    }

    private static unsafe ulong NiceLimit()
    {
        nuint* limits = stackalloc nuint[2];
        SystemCall.Check(Libc.getrlimit(Libc.RLIMIT_NICE, limits), "getrlimit(RLIMIT_NICE)");
        return limits[0];
    }
}
