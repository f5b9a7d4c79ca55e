using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Tmds.Linux;
using WorkerPool.Interop;
using static Tmds.Linux.LibC;

namespace WorkerPool.Sockets;

/// <summary>The accept queue of a listening TCP socket, as TCP_INFO shows it (tcp_get_info in net/ipv4/tcp.c).</summary>
internal static unsafe class AcceptQueue
{
    private const string LimitFile = "/proc/sys/net/core/somaxconn";
    private const byte Listening = 10; // TCP_LISTEN, linux/tcp_states.h

    /// <summary>How many connections wait to be accepted, and how many may; false for a Unix socket, which does not tell.</summary>
    public static bool TryRead(Descriptor socket, out int length, out int limit) => TryRead(socket.Number, out length, out limit);

    /// <summary>The same for a socket that another thread may close meanwhile: then it is false, too.</summary>
    public static bool TryReadHeld(Descriptor socket, out int length, out int limit)
    {
        (length, limit) = (0, 0);
        if (!socket.TryHold(out int number))
        {
            return false;
        }

        try
        {
            return TryRead(number, out length, out limit);
        }
        finally
        {
            socket.DangerousRelease();
        }
    }

    private static bool TryRead(int number, out int length, out int limit)
    {
        Libc.tcp_info info;
        socklen_t size = (uint)sizeof(Libc.tcp_info);
        bool known = getsockopt(number, IPPROTO_TCP, TCP_INFO, &info, &size) == 0 && info.tcpi_state == Listening;
        length = known ? (int)info.tcpi_unacked : 0;
        limit = known ? (int)info.tcpi_sacked : 0;
        return known;
    }

    /// <summary>What the kernel makes of a backlog, see listen(2).</summary>
    public static int LimitOf(int backlog) => Math.Min(backlog, ReadLimit());

    /// <summary>A warning if the kernel makes the endpoint's queue shorter than was asked for.</summary>
    public static bool IsCut(ListenEndpoint endpoint, [NotNullWhen(true)] out string? warning)
    {
        int limit = LimitOf(endpoint.Backlog);
        warning = limit == endpoint.Backlog ? null
            : $"Endpoint {endpoint}: the backlog of {endpoint.Backlog} is cut to {limit} by net.core.somaxconn. "
                + "Raise it with sysctl, or set a smaller backlog.";
        return warning is not null;
    }

    private static int ReadLimit()
    {
        try
        {
            return int.Parse(File.ReadAllText(LimitFile), NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return int.MaxValue; // /proc is not mounted: nothing to compare with
        }
    }
}
