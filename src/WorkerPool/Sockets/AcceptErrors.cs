using static Tmds.Linux.LibC;

namespace WorkerPool.Sockets;

/// <summary>What the errors of accept(2) mean for the one who accepts.</summary>
/// <remarks>Plain arrays: a type from another assembly would have to be loaded from a file just when no descriptor is left.</remarks>
internal static class AcceptErrors
{
    // The connection failed before it was accepted; "treat like EAGAIN by retrying", accept(2), Error handling.
    private static readonly int[] OfConnection =
        [ECONNABORTED, EPROTO, ENETDOWN, ENOPROTOOPT, EHOSTDOWN, ENONET, EHOSTUNREACH, EOPNOTSUPP, ENETUNREACH, EPERM];

    private static readonly int[] OfResources = [EMFILE, ENFILE, ENOBUFS, ENOMEM];

    /// <summary>That connection is lost, the next one may be good.</summary>
    public static bool IsOfConnection(int error) => Array.IndexOf(OfConnection, error) >= 0;

    /// <summary>The process or the system has no descriptor or no memory left; the queue keeps the connection.</summary>
    public static bool IsOfResources(int error) => Array.IndexOf(OfResources, error) >= 0;
}
