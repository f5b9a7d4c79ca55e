using System.Globalization;
using WorkerPool.Interop;
using static Tmds.Linux.LibC;

namespace WorkerPool.Processes.Privileges;

/// <summary>Sets the limits of a child that does not run yet, prlimit(2).</summary>
internal static unsafe class ProcessLimits
{
    private const ulong Infinity = ulong.MaxValue; // RLIM_INFINITY

    /// <exception cref="SystemCallException">The kernel refuses one; the message names it.</exception>
    public static void Set(int process, IReadOnlyList<KeyValuePair<ResourceLimit, long>> limits, ChildUser? user)
    {
        foreach ((ResourceLimit resource, long value) in limits)
        {
            if (TrySet(process, resource, value) is int error)
            {
                SetAs(user, process, resource, value, error);
            }
        }
    }

    /// <summary>
    /// Without CAP_SYS_RESOURCE, which containers lack, a process may still lower the limits of one with the same credentials.
    /// The child has those of its user already, so a thread that has them too may do what this one may not.
    /// </summary>
    private static void SetAs(ChildUser? user, int process, ResourceLimit resource, long value, int error)
    {
        int? left = error;
        if (user is not null && error == EPERM)
        {
            PreparedThread.Start(new ChildSettings { User = user }, () => left = TrySet(process, resource, value)).Join();
        }

        if (left is int reason)
        {
            string text = value == WorkerProcessOptions.Unlimited ? "unlimited" : value.ToString(CultureInfo.InvariantCulture);
            throw new SystemCallException(
                $"prlimit({resource}, {text})",
                reason,
                $"{nameof(PoolOptions.Processes)}.{nameof(WorkerProcessOptions.Limits)} has {resource} = {text}: more than the hard limit of the master needs CAP_SYS_RESOURCE. Raise the master's own limit (such as LimitNOFILE= of systemd, ulimit -H), or ask for less.");
        }
    }

    /// <summary>The error number; null if it is set, or the process has ended.</summary>
    private static int? TrySet(int process, ResourceLimit resource, long value)
    {
        ulong number = value == WorkerProcessOptions.Unlimited ? Infinity : (ulong)value;
        Libc.struct_rlimit limit = new() { rlim_cur = number, rlim_max = number };
        return Libc.prlimit(process, (int)resource, &limit, null) == 0 || Errno.Last == ESRCH ? null : Errno.Last;
    }
}
