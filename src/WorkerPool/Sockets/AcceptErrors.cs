using System.Collections.Frozen;
using static Tmds.Linux.LibC;

namespace WorkerPool.Sockets;

/// <summary>What the errors of accept(2) mean for the one who accepts.</summary>
internal static class AcceptErrors
{
    // The connection failed before it was accepted; "treat like EAGAIN by retrying", accept(2), Error handling.
    private static readonly FrozenSet<int> OfConnection = FrozenSet.Create(
        ECONNABORTED, EPROTO, ENETDOWN, ENOPROTOOPT, EHOSTDOWN, ENONET, EHOSTUNREACH, EOPNOTSUPP, ENETUNREACH, EPERM);

    private static readonly FrozenSet<int> OfResources = FrozenSet.Create(EMFILE, ENFILE, ENOBUFS, ENOMEM);

    /// <summary>That connection is lost, the next one may be good.</summary>
    public static bool IsOfConnection(int error) => OfConnection.Contains(error);

    /// <summary>The process or the system has no descriptor or no memory left; the queue keeps the connection.</summary>
    public static bool IsOfResources(int error) => OfResources.Contains(error);
}
