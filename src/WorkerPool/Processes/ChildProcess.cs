using WorkerPool.Interop;
using static Tmds.Linux.LibC;

namespace WorkerPool.Processes;

/// <summary>
/// A process that is watched by a pidfd: its end is seen without a thread and without SIGCHLD, and a signal can never
/// reach another process that got the same number later. Safe for any number of threads.
/// </summary>
internal sealed class ChildProcess : IDisposable
{
    private readonly Descriptor? _pidfd;
    private readonly Readiness? _readiness;

    private ChildProcess(int id, Descriptor? pidfd, TimeProvider time)
    {
        Id = id;
        if (pidfd is null)
        {
            Exited = Task.FromResult(ExitStatus.Unknown);
            return;
        }

        _pidfd = pidfd;
        _readiness = new Readiness(pidfd);
        bool held = false;
        pidfd.DangerousAddRef(ref held);
        Exited = WatchAsync(pidfd, pidfd.Number, _readiness, time);
    }

    public int Id { get; }

    /// <summary>
    /// Completes when the process has ended and, if it is our child, is collected. Cancelled by <see cref="Dispose"/>
    /// if that comes first.
    /// </summary>
    public Task<ExitStatus> Exited { get; }

    /// <summary>Watches a child that was started just now. If it cannot be watched it is killed.</summary>
    /// <exception cref="SystemCallException">No descriptor is free, or memory is short.</exception>
    public static ChildProcess Started(int id)
    {
        OwnChildren.Add(id);
        try
        {
            ChildProcess child = Open(id, TimeProvider.System);
            _ = child.Exited.ContinueWith(
                static (_, id) => OwnChildren.Remove((int)id!), id, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            return child;
        }
        catch (SystemCallException)
        {
            KillAndCollect(id);
            OwnChildren.Remove(id);
            throw;
        }
    }

    /// <summary>
    /// Watches a process that exists already, such as a worker of a master before this one. It need not be our child;
    /// then its exit status is known on Linux 6.15 or later only.
    /// </summary>
    public static ChildProcess Adopt(int id, TimeProvider time) => Open(id, time);

    /// <summary>Sends a signal.</summary>
    /// <returns>False if the process has ended already.</returns>
    /// <exception cref="SystemCallException">The signal may not be sent, or does not exist.</exception>
    public bool Signal(int signal)
    {
        if (_pidfd is null)
        {
            return false;
        }

        bool held = false;
        _pidfd.DangerousAddRef(ref held);
        try
        {
            if (Libc.pidfd_send_signal(_pidfd.Number, signal) == 0)
            {
                return true;
            }

            return Errno.Last == ESRCH
                ? false
                : throw new SystemCallException($"pidfd_send_signal({Id}, {SignalNames.NameOf(signal)})", Errno.Last);
        }
        finally
        {
            _pidfd.DangerousRelease();
        }
    }

    /// <summary>Lets go of the process; does not end it, nor collect it later. For one that has ended, or that goes to another master.</summary>
    public void Dispose()
    {
        _readiness?.Dispose();
        _pidfd?.Dispose();
    }

    private static ChildProcess Open(int id, TimeProvider time)
    {
        int pidfd = Libc.pidfd_open(id, 0);
        if (pidfd >= 0)
        {
            return new ChildProcess(id, new Descriptor(pidfd), time);
        }

        // ESRCH: it has ended, and was collected by whoever collects every child of this process.
        return Errno.Last == ESRCH
            ? new ChildProcess(id, null, time)
            : throw new SystemCallException(
                $"pidfd_open({id})", Errno.Last, "The master needs a descriptor for each worker, and Linux 5.4 or later.");
    }

    private static async Task<ExitStatus> WatchAsync(Descriptor pidfd, int number, Readiness readiness, TimeProvider time)
    {
        try
        {
            while (await readiness.WaitAsync().ConfigureAwait(false))
            {
                switch (ExitCollector.Collect(number, out ExitStatus status))
                {
                    case ExitCollector.Collection.Collected:
                        return status;
                    case ExitCollector.Collection.Elsewhere:
                        return await ExitCollector.RecallAsync(number, time).ConfigureAwait(false);
                }
            }

            throw new OperationCanceledException("The process is not watched any more.");
        }
        finally
        {
            readiness.Dispose();

            // Held until here, so that the number cannot mean another child while this one is asked about.
            pidfd.DangerousRelease();
        }
    }

    /// <summary>For a child of this process that nobody has collected, so that its number is its own.</summary>
    public static unsafe void KillAndCollect(int id)
    {
        _ = kill(id, SIGKILL);
        Libc.siginfo_t info;
        while (Libc.waitid(Libc.P_PID, id, &info, Libc.WEXITED) < 0 && Errno.Last == EINTR)
        {
        }
    }
}
