using System.Globalization;
using System.Net;
using Tmds.Linux;
using WorkerPool.Interop;
using static Tmds.Linux.LibC;

namespace WorkerPool.Sockets.Activation;

/// <summary>What a descriptor is that somebody says is a listening socket.</summary>
/// <param name="Address">Where it listens.</param>
/// <param name="Inode">Which socket it is: another descriptor can be the same one.</param>
/// <param name="ReusePort">Whether it is in a group, or can be.</param>
/// <param name="DualStack">Whether it is of IPv6 and takes IPv4 too.</param>
internal sealed record PassedSocketCheck(EndPoint Address, ulong Inode, bool ReusePort, bool DualStack)
{
    /// <summary>Looks at it, and changes nothing.</summary>
    /// <param name="socket">The descriptor.</param>
    /// <param name="what">What it is called in the message.</param>
    /// <exception cref="IOException">It is not a stream socket that listens; the message says what it is.</exception>
    public static unsafe PassedSocketCheck Examine(Descriptor socket, string what)
    {
        stat status;
        SystemCall.Check(fstat(socket.Number, &status), $"fstat({what})");
        if (!S_ISSOCK(status.st_mode))
        {
            throw Refuse(what, "is not a socket", "ListenStream= of a socket unit makes one.");
        }

        int type = SocketOption.Get(socket, SOL_SOCKET, SO_TYPE, nameof(SO_TYPE));
        if (type != SOCK_STREAM)
        {
            throw Refuse(what, $"is {(type == SOCK_DGRAM ? "a datagram socket" : $"a socket of type {Number(type)}")}", "A pool needs a stream socket: ListenStream=.");
        }

        int family = SocketOption.Get(socket, SOL_SOCKET, SO_DOMAIN, nameof(SO_DOMAIN));
        bool isInternet = family == AF_INET || family == AF_INET6;
        if (!isInternet && family != AF_UNIX)
        {
            throw Refuse(what, $"is of address family {Number(family)}", "A pool needs a socket of IPv4, IPv6 or Unix.");
        }

        if (isInternet && SocketOption.Get(socket, SOL_SOCKET, SO_PROTOCOL, nameof(SO_PROTOCOL)) is int protocol && protocol != IPPROTO_TCP)
        {
            throw Refuse(what, $"speaks protocol {Number(protocol)}", "A pool needs TCP: leave SocketProtocol= out.");
        }

        if (SocketOption.Get(socket, SOL_SOCKET, SO_ACCEPTCONN, nameof(SO_ACCEPTCONN)) == 0)
        {
            throw Refuse(what, "does not listen", "With Accept=yes systemd passes connections: a pool needs Accept=no.");
        }

        return new PassedSocketCheck(
            SocketName.Of(socket.Number),
            status.st_ino,
            isInternet && SocketOption.Get(socket, SOL_SOCKET, SO_REUSEPORT, nameof(SO_REUSEPORT)) != 0,
            family == AF_INET6 && SocketOption.Get(socket, IPPROTO_IPV6, IPV6_V6ONLY, nameof(IPV6_V6ONLY)) == 0);
    }

    private static IOException Refuse(string what, string is_, string advice) => new($"{what} {is_}. {advice}");

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
