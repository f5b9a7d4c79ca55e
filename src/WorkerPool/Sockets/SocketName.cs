using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using WorkerPool.Interop;
using static Tmds.Linux.LibC;

namespace WorkerPool.Sockets;

/// <summary>The addresses of a socket, see getsockname(2) and getpeername(2).</summary>
internal static class SocketName
{
    /// <summary>Its own.</summary>
    /// <exception cref="SystemCallException">getsockname(2) failed.</exception>
    /// <exception cref="NotSupportedException">It is neither an IP nor a Unix socket.</exception>
    public static unsafe EndPoint Of(int socket)
    {
        Tmds.Linux.sockaddr_storage name;
        Tmds.Linux.socklen_t size = sizeof(Tmds.Linux.sockaddr_storage);
        SystemCall.Check(getsockname(socket, (Tmds.Linux.sockaddr*)&name, &size), $"getsockname({socket})");
        return Read(socket, new ReadOnlySpan<byte>(&name, (int)size));
    }

    /// <summary>That of the other side; null: it is not connected, or not any more.</summary>
    /// <exception cref="SystemCallException">getpeername(2) failed otherwise.</exception>
    /// <exception cref="NotSupportedException">It is neither an IP nor a Unix socket.</exception>
    public static unsafe EndPoint? OfPeer(int socket)
    {
        Tmds.Linux.sockaddr_storage name;
        Tmds.Linux.socklen_t size = sizeof(Tmds.Linux.sockaddr_storage);
        int result = getpeername(socket, (Tmds.Linux.sockaddr*)&name, &size);
        if (result < 0 && Errno.Last == ENOTCONN)
        {
            return null;
        }

        SystemCall.Check(result, $"getpeername({socket})");
        return Read(socket, new ReadOnlySpan<byte>(&name, (int)size));
    }

    private static EndPoint Read(int socket, ReadOnlySpan<byte> bytes)
    {
        int family = MemoryMarshal.Read<ushort>(bytes);
        return family == AF_INET ? new IPEndPoint(IPAddress.Any, 0).Create(Address(AddressFamily.InterNetwork, bytes))
            : family == AF_INET6 ? new IPEndPoint(IPAddress.IPv6Any, 0).Create(Address(AddressFamily.InterNetworkV6, bytes))
            : family == AF_UNIX ? new UnixDomainSocketEndPoint("/").Create(Address(AddressFamily.Unix, bytes))
            : throw new NotSupportedException($"Descriptor {socket} is a socket of family {family}; known are IP and Unix.");
    }

    private static SocketAddress Address(AddressFamily family, ReadOnlySpan<byte> bytes)
    {
        SocketAddress address = new(family, bytes.Length);
        bytes.CopyTo(address.Buffer.Span);
        return address;
    }
}
