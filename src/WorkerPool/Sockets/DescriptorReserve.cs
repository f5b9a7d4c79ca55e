using WorkerPool.Interop;
using static Tmds.Linux.LibC;

namespace WorkerPool.Sockets;

/// <summary>
/// The last descriptors of a process are not for connections: a host opens files and upstreams, and the runtime itself
/// needs some at any time (to load an assembly, to start a thread) and ends the process if it gets none.
/// </summary>
/// <remarks>The kernel gives the lowest number that is free, so a number says how many are in use at least.</remarks>
internal sealed class DescriptorReserve
{
    private const int Most = 16;

    private long _first;

    /// <param name="limit">The soft RLIMIT_NOFILE, getrlimit(2).</param>
    public DescriptorReserve(long limit) => Limit(limit);

    /// <summary>By the limit of this process as it is now.</summary>
    /// <exception cref="SystemCallException">getrlimit(2) failed.</exception>
    public static unsafe DescriptorReserve OfThisProcess()
    {
        nuint* limits = stackalloc nuint[2];
        SystemCall.Check(Libc.getrlimit(Libc.RLIMIT_NOFILE, limits), "getrlimit(RLIMIT_NOFILE)");
        return new DescriptorReserve((long)Math.Min(limits[0], int.MaxValue));
    }

    /// <summary>Another limit holds from now on.</summary>
    public void Limit(long limit) => Volatile.Write(ref _first, limit - Math.Min(Most, limit / 8));

    /// <summary>Whether a descriptor was taken from it.</summary>
    public bool Includes(int descriptor) => descriptor >= Volatile.Read(ref _first);

    /// <summary>Whether the next descriptor would be taken from it, or there is none.</summary>
    /// <param name="any">Any descriptor of the process.</param>
    public bool IsNext(Descriptor any)
    {
        int trial = fcntl(any.Number, F_DUPFD_CLOEXEC, 0);
        if (trial >= 0)
        {
            _ = close(trial);
        }

        return trial < 0 || Includes(trial);
    }
}
