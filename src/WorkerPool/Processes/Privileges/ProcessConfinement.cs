using System.Globalization;
using WorkerPool.Interop;
using static Tmds.Linux.LibC;

namespace WorkerPool.Processes.Privileges;

/// <summary>What a child is given while it waits at the gate.</summary>
internal static class ProcessConfinement
{
    /// <exception cref="IOException">Something is not permitted; the message names the option.</exception>
    public static void Apply(int process, ChildSettings settings)
    {
        if (settings.User is ChildUser user)
        {
            // A master that may change the user, but not reach the worker afterwards, could never end it.
            SystemCall.Check(
                kill(process, 0) < 0 && Errno.Last != ESRCH ? -1 : 0,
                "kill(PID, 0)",
                $"{user.Wanted}: the master needs CAP_KILL, too, to signal its workers.");
        }

        ProcessLimits.Set(process, settings.Limits, settings.User);
        if (settings.Cgroup is string cgroup)
        {
            WorkerCgroup.Write(Path.Combine(cgroup, "cgroup.procs"), process.ToString(CultureInfo.InvariantCulture));
        }
    }
}
