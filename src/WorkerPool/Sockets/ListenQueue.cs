using System.Globalization;
using static Tmds.Linux.LibC;

namespace WorkerPool.Sockets;

/// <summary>What the kernel tells about the accept queue of a listening socket.</summary>
internal static class ListenQueue
{
    // The default of net.core.somaxconn since Linux 5.4.
    private const int UsualMaxBacklog = 4096;

    // linux/tcp.h, struct tcp_info: of a listener, tcpi_unacked is the length of its accept queue.
    private const int UnackedOffset = 24;

    /// <summary>No accept queue is longer, see listen(2).</summary>
    public static int MaxBacklog =>
        File.Exists("/proc/sys/net/core/somaxconn")
        && int.TryParse(File.ReadAllText("/proc/sys/net/core/somaxconn"), CultureInfo.InvariantCulture, out int limit)
            ? limit
            : UsualMaxBacklog;

    /// <summary>The number of connections that wait to be accepted; null: the kernel does not tell (not TCP).</summary>
    public static unsafe int? CountWaiting(int listener)
    {
        const int Needed = UnackedOffset + sizeof(int);
        byte* information = stackalloc byte[Needed];
        Tmds.Linux.socklen_t size = Needed;
        return getsockopt(listener, IPPROTO_TCP, TCP_INFO, information, &size) == 0 && (int)size == Needed
            ? *(int*)(information + UnackedOffset)
            : null;
    }
}
