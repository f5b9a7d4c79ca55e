using WorkerPool.Interop;
using static Tmds.Linux.LibC;

namespace WorkerPool.Processes;

/// <summary>Gets the exit status of one process, by its pidfd: never of any other, which may be the host's own child.</summary>
internal static class ExitCollector
{
    /// <summary>How long a status is asked for that somebody else is about to collect, or has.</summary>
    private static readonly TimeSpan[] RecallDelays =
        [.. Enumerable.Range(0, 10).Select(i => TimeSpan.FromMilliseconds(1 << i))];

    public enum Collection
    {
        /// <summary>The process runs.</summary>
        Running,

        /// <summary>The process has ended, and is collected now.</summary>
        Collected,

        /// <summary>The process is not ours to collect: not our child, or collected already by somebody in this process.</summary>
        Elsewhere,
    }

    /// <summary>Collects a child that has ended, see waitid(2).</summary>
    public static unsafe Collection Collect(int pidfd, out ExitStatus status)
    {
        status = ExitStatus.Unknown;
        Libc.siginfo_t info;
        int result;
        do
        {
            info = default;
            result = Libc.waitid(Libc.P_PIDFD, pidfd, &info, Libc.WEXITED | Libc.WNOHANG);
        }
        while (result < 0 && Errno.Last == EINTR);

        if (result < 0)
        {
            return Errno.Last == ECHILD
                ? Collection.Elsewhere
                : throw new SystemCallException("waitid(P_PIDFD)", Errno.Last);
        }

        if (info.si_pid == 0)
        {
            return Collection.Running;
        }

        status = info.si_code == Libc.CLD_EXITED
            ? new ExitStatus(info.si_status, null)
            : new ExitStatus(null, info.si_status);
        return Collection.Collected;
    }

    /// <summary>
    /// The status that the kernel remembers for as long as a pidfd is open, since Linux 6.15; unknown before that. It is
    /// there from when the process is collected, which may be a moment after its end was seen; nothing tells when.
    /// </summary>
    public static async Task<ExitStatus> RecallAsync(int pidfd, TimeProvider time)
    {
        foreach (TimeSpan delay in RecallDelays)
        {
            if (TryRecall(pidfd, out ExitStatus status))
            {
                return status;
            }

            await Task.Delay(delay, time).ConfigureAwait(false);
        }

        return TryRecall(pidfd, out ExitStatus last) ? last : ExitStatus.Unknown;
    }

    /// <summary>False: not collected yet. True: the status is known, or nobody can tell it any more.</summary>
    public static unsafe bool TryRecall(int pidfd, out ExitStatus status)
    {
        status = ExitStatus.Unknown;
        Libc.pidfd_info info;
        int result;
        do
        {
            info = default;
            info.mask = Libc.PIDFD_INFO_EXIT;
            result = Libc.ioctl(pidfd, Libc.PIDFD_GET_INFO, &info);
        }
        while (result < 0 && Errno.Last == EINTR);

        if (result < 0)
        {
            // ENOTTY or EINVAL: the kernel lacks the call. ESRCH: it lacks the memory of those that are collected.
            int error = Errno.Last;
            return error == ENOTTY || error == EINVAL || error == ESRCH
                ? true
                : throw new SystemCallException("ioctl(PIDFD_GET_INFO)", error);
        }

        if ((info.mask & Libc.PIDFD_INFO_EXIT) == 0)
        {
            return false;
        }

        status = FromWaitStatus(info.exit_code);
        return true;
    }

    /// <summary>The status as wait(2) has it: the signal in the low 7 bits, else the exit code in the next byte.</summary>
    public static ExitStatus FromWaitStatus(int waitStatus)
    {
        int signal = waitStatus & 0x7F;
        return signal == 0
            ? new ExitStatus((waitStatus >> 8) & 0xFF, null)
            : new ExitStatus(null, signal);
    }
}
