using System.Globalization;
using WorkerPool.Interop;
using static Tmds.Linux.LibC;

namespace WorkerPool.Processes;

/// <summary>
/// Collects processes that came to this one when their parents ended: process 1 gets them, and a subreaper (prctl(2)). Nobody
/// else would, and they would stay as zombies. One caller at a time.
/// </summary>
/// <remarks>
/// It has to be asked again and again. SIGCHLD would tell, but as soon as the runtime handles that signal in process 1 it
/// collects all children, those included that this library waits for.
/// </remarks>
internal sealed class OrphanReaper
{
    private readonly OrphanDecision _decision;

    private OrphanReaper(int ownGroup) => _decision = new OrphanDecision(ownGroup);

    /// <summary>Whether orphans come to this process without being asked for.</summary>
    public static bool IsInit => Environment.ProcessId == 1;

    /// <summary>From now on orphans among the descendants of this process come to it.</summary>
    /// <exception cref="SystemCallException">The kernel refuses (Linux before 3.4, a sandbox).</exception>
    public static void BecomeSubreaper() =>
        SystemCall.Check(Libc.prctl(Libc.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), "prctl(PR_SET_CHILD_SUBREAPER)");

    /// <summary>Null: the processes that /proc shows are not those of this one's namespace.</summary>
    public static OrphanReaper? TryCreate()
    {
        string? self = new FileInfo("/proc/self").LinkTarget;
        return self == Environment.ProcessId.ToString(CultureInfo.InvariantCulture) ? new OrphanReaper(getpgrp()) : null;
    }

    /// <summary>Looks once; gives the numbers of those that it has collected.</summary>
    public IReadOnlyList<int> Reap()
    {
        lock (OwnChildren.Gate)
        {
            Zombie[] zombies = HasZombie() ? [.. Zombies()] : [];
            return [.. _decision.After(zombies, OwnChildren.Contains).Where(Collect).Select(zombie => zombie.Id)];
        }
    }

    /// <summary>One call instead of a walk through /proc, nearly always.</summary>
    private static unsafe bool HasZombie()
    {
        Libc.siginfo_t info = default;
        int result = SystemCall.Retry(() => Wait(Libc.P_ALL, 0, Libc.WEXITED | Libc.WNOHANG | Libc.WNOWAIT, out info));
        return result == 0 ? info.si_pid != 0
            : Errno.Last == ECHILD ? false
            : throw new SystemCallException("waitid(P_ALL)", Errno.Last);
    }

    private static IEnumerable<Zombie> Zombies() =>
        from directory in Directory.EnumerateDirectories("/proc")
        where char.IsAsciiDigit(Path.GetFileName(directory)[0])
        let stat = ProcessStat.TryRead(directory)
        where stat is { IsZombie: true } && stat.Value.Parent == Environment.ProcessId
        select new Zombie(stat.Value.Id, stat.Value.StartTime, stat.Value.Group);

    /// <summary>By a pidfd, so that it is this one and no other that has got its number since.</summary>
    private static bool Collect(Zombie zombie)
    {
        int number = Libc.pidfd_open(zombie.Id, 0);
        if (number < 0)
        {
            return Errno.Last == ESRCH ? false : throw new SystemCallException($"pidfd_open({zombie.Id})", Errno.Last);
        }

        using Descriptor pidfd = new(number);
        return ProcessStat.TryRead($"/proc/{zombie.Id.ToString(CultureInfo.InvariantCulture)}") is ProcessStat stat && stat.StartTime == zombie.StartTime
            && ExitCollector.Collect(number, out _) == ExitCollector.Collection.Collected;
    }

    private static unsafe int Wait(int kind, int id, int options, out Libc.siginfo_t info)
    {
        Libc.siginfo_t result = default;
        int answer = Libc.waitid(kind, id, &result, options);
        info = result;
        return answer;
    }
}
