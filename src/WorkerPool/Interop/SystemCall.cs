using static Tmds.Linux.LibC;

namespace WorkerPool.Interop;

/// <summary>Turns the results of system calls into values or exceptions; none is ever ignored.</summary>
internal static class SystemCall
{
    /// <summary>Gives back a result that is not negative; throws for the current errno otherwise.</summary>
    public static int Check(int result, string call, string? advice = null) =>
        result >= 0 ? result : throw new SystemCallException(call, Errno.Last, advice);

    /// <summary>Calls again for as long as a signal interrupts, see signal(7).</summary>
    public static int Retry(Func<int> call)
    {
        int result;
        do
        {
            result = call();
        }
        while (result < 0 && Errno.Last == EINTR);
        return result;
    }
}
