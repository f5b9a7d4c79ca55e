using WorkerPool.Interop;
using static Tmds.Linux.LibC;

namespace WorkerPool.Sockets;

/// <summary>
/// Makes a new socket of a group like one that somebody else has made: whatever a unit of systemd.socket(5) can set, and an
/// accepted connection inherits or the kernel compares when it forms the group.
/// </summary>
internal static class GroupOptions
{
    // linux/in.h, linux/in6.h and linux/tcp.h, where Tmds.LibC lacks them.
    private const int IP_FREEBIND = 15;
    private const int IP_TRANSPARENT = 19;
    private const int IPV6_UNICAST_HOPS = 16;
    private const int IPV6_TCLASS = 67;
    private const int IPV6_TRANSPARENT = 75;
    private const int IPV6_FREEBIND = 78;
    private const int TCP_FASTOPEN = 23;

    private static readonly (int Level, int Option, string Name)[] OfAll =
    [
        (SOL_SOCKET, SO_KEEPALIVE, nameof(SO_KEEPALIVE)),
        (SOL_SOCKET, SO_PRIORITY, nameof(SO_PRIORITY)),
        (SOL_SOCKET, SO_MARK, nameof(SO_MARK)),
        (SOL_SOCKET, Libc.SO_BINDTOIFINDEX, nameof(Libc.SO_BINDTOIFINDEX)),
        (SOL_SOCKET, SO_RCVBUF, nameof(SO_RCVBUF)),
        (SOL_SOCKET, SO_SNDBUF, nameof(SO_SNDBUF)),
        (IPPROTO_IP, IP_TOS, nameof(IP_TOS)),
        (IPPROTO_IP, IP_TTL, nameof(IP_TTL)),
        (IPPROTO_IP, IP_FREEBIND, nameof(IP_FREEBIND)),
        (IPPROTO_IP, IP_TRANSPARENT, nameof(IP_TRANSPARENT)),
        (IPPROTO_TCP, TCP_KEEPIDLE, nameof(TCP_KEEPIDLE)),
        (IPPROTO_TCP, TCP_KEEPINTVL, nameof(TCP_KEEPINTVL)),
        (IPPROTO_TCP, TCP_KEEPCNT, nameof(TCP_KEEPCNT)),
        (IPPROTO_TCP, TCP_DEFER_ACCEPT, nameof(TCP_DEFER_ACCEPT)),
        (IPPROTO_TCP, TCP_FASTOPEN, nameof(TCP_FASTOPEN)),
    ];

    private static readonly (int Level, int Option, string Name)[] OfIPv6 =
    [
        (IPPROTO_IPV6, IPV6_TCLASS, nameof(IPV6_TCLASS)),
        (IPPROTO_IPV6, IPV6_UNICAST_HOPS, nameof(IPV6_UNICAST_HOPS)),
        (IPPROTO_IPV6, IPV6_FREEBIND, nameof(IPV6_FREEBIND)),
        (IPPROTO_IPV6, IPV6_TRANSPARENT, nameof(IPV6_TRANSPARENT)),
    ];

    /// <summary>Sets what differs, on a socket that is not bound yet.</summary>
    /// <param name="model">One that is in the group.</param>
    /// <param name="socket">One that shall be.</param>
    /// <param name="isIPv6">Of which family they are.</param>
    /// <exception cref="SystemCallException">This process may not set one of them.</exception>
    public static void Copy(Descriptor model, Descriptor socket, bool isIPv6)
    {
        foreach ((int level, int option, string name) in isIPv6 ? [.. OfAll, .. OfIPv6] : OfAll)
        {
            if (TryGet(model, level, option) is int wanted && TryGet(socket, level, option) != wanted)
            {
                Set(socket, level, option, wanted, name);
            }
        }

        CopyCongestionControl(model, socket);
    }

    private static void Set(Descriptor socket, int level, int option, int wanted, string name)
    {
        const string Advice = "The first socket of the endpoint has it from the service manager, and all must be alike. Give the master the capability, take the option out of the .socket unit, or leave ReusePort= out.";
        bool isBuffer = level == SOL_SOCKET && (option == SO_RCVBUF || option == SO_SNDBUF);
        int value = isBuffer ? wanted / 2 : wanted; // the kernel doubles it, socket(7)
        unsafe
        {
            SystemCall.Check(setsockopt(socket.Number, level, option, &value, sizeof(int)), $"setsockopt({name}, {value})", Advice);
        }

        if (TryGet(socket, level, option) != wanted)
        {
            throw new SystemCallException($"setsockopt({name}, {value})", EPERM, $"The kernel made {TryGet(socket, level, option)} of it. {Advice}");
        }
    }

    // A kernel may lack one.
    private static unsafe int? TryGet(Descriptor socket, int level, int option)
    {
        int value = 0;
        Tmds.Linux.socklen_t length = sizeof(int);
        return getsockopt(socket.Number, level, option, &value, &length) == 0 ? value : null;
    }

    private static unsafe void CopyCongestionControl(Descriptor model, Descriptor socket)
    {
        const int MaxLength = 16; // TCP_CA_NAME_MAX, net/tcp.h
        byte* wanted = stackalloc byte[MaxLength];
        byte* present = stackalloc byte[MaxLength];
        Tmds.Linux.socklen_t length = MaxLength;
        Tmds.Linux.socklen_t presentLength = MaxLength;
        SystemCall.Check(getsockopt(model.Number, IPPROTO_TCP, TCP_CONGESTION, wanted, &length), "getsockopt(TCP_CONGESTION)");
        SystemCall.Check(getsockopt(socket.Number, IPPROTO_TCP, TCP_CONGESTION, present, &presentLength), "getsockopt(TCP_CONGESTION)");
        if (!new Span<byte>(wanted, MaxLength).SequenceEqual(new Span<byte>(present, MaxLength)))
        {
            SystemCall.Check(setsockopt(socket.Number, IPPROTO_TCP, TCP_CONGESTION, wanted, length), "setsockopt(TCP_CONGESTION)");
        }
    }
}
