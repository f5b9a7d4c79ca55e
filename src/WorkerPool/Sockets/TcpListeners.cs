using System.Net;
using System.Net.Sockets;
using WorkerPool.Interop;
using static Tmds.Linux.LibC;

namespace WorkerPool.Sockets;

/// <summary>
/// Opens the listening TCP sockets of one endpoint so that they are one reuseport group, and nobody else's.
/// </summary>
/// <remarks>
/// With SO_REUSEPORT on all sockets from the beginning, a second pool of the same user would join the group unnoticed
/// and take half of the connections. Hence the order:
/// <list type="number">
/// <item><description>The first socket binds and listens without SO_REUSEPORT: the kernel refuses it, under its own lock, if anybody
/// listens there, with the option or without; and from now on refuses everybody else.</description></item>
/// <item><description>Then it gets SO_REUSEPORT.</description></item>
/// <item><description>The others have SO_REUSEPORT before they bind; they join the group of the first, which is index 0.</description></item>
/// </list>
/// A program of the same user (and no other) that sets SO_REUSEPORT from its beginning could still join afterwards.
/// </remarks>
internal static class TcpListeners
{
    private const int PortAttempts = 10;

    /// <param name="endpoint">The endpoint.</param>
    /// <param name="steering">Whether a program can be attached before there is a second socket.</param>
    public static ListeningSocket OpenFirst(ListenEndpoint endpoint, bool steering = true)
    {
        IPEndPoint address = UsableAddress(endpoint).Address;
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return address.Port == 0 ? OpenOnFreePort(endpoint, address, steering) : OpenExclusively(endpoint, address, steering);
            }
            catch (SystemCallException e) when (address.Port == 0 && e.ErrorNumber == EADDRINUSE && attempt < PortAttempts)
            {
                // Somebody took the port in between: choose another one.
            }
        }
    }

    /// <param name="endpoint">The endpoint.</param>
    /// <param name="first">The address of the first socket, which has the port.</param>
    /// <param name="model">A socket of the group that somebody else has made; null: all are this class's own.</param>
    public static ListeningSocket OpenNext(ListenEndpoint endpoint, EndPoint first, ListeningSocket? model = null)
    {
        ListeningSocket socket = Create(endpoint, first);
        try
        {
            if (model is not null)
            {
                GroupOptions.Copy(model, socket, first.AddressFamily == AddressFamily.InterNetworkV6);
            }

            SetReusePort(socket);
            socket.Bind(first);
            socket.Listen();
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static ListeningSocket OpenExclusively(ListenEndpoint endpoint, IPEndPoint address, bool steering)
    {
        ListeningSocket socket = Create(endpoint, address);
        try
        {
            if (steering)
            {
                MakeGroup(socket);
            }

            socket.Bind(address);
            socket.Listen();
            SetReusePort(socket);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    // A socket that was bound to port 0 loses its port when a worker's bug makes it cease to listen; one that was
    // bound to a number keeps it, and can be healed. So another socket lets the kernel choose, and holds the port.
    private static ListeningSocket OpenOnFreePort(ListenEndpoint endpoint, IPEndPoint address, bool steering)
    {
        using ListeningSocket holder = Create(endpoint, address, reuseAddress: false);
        holder.Bind(address);
        SetReuseAddress(holder);
        return OpenExclusively(endpoint, (IPEndPoint)holder.Address, steering);
    }

    private static ListeningSocket Create(ListenEndpoint endpoint, EndPoint address, bool reuseAddress = true)
    {
        ListeningSocket socket = ListeningSocket.Create(address, endpoint.Name, endpoint.Backlog);
        try
        {
            if (reuseAddress)
            {
                SetReuseAddress(socket);
            }

            if (address.AddressFamily == AddressFamily.InterNetworkV6)
            {
                SocketOption.Set(socket, IPPROTO_IPV6, IPV6_V6ONLY, endpoint.DualStack ? 0 : 1, nameof(IPV6_V6ONLY));
            }

            SocketOption.Set(socket, IPPROTO_TCP, TCP_NODELAY, endpoint.NoDelay ? 1 : 0, nameof(TCP_NODELAY));
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    // A socket that listened without SO_REUSEPORT is in no group, and cannot be given a program, until a second one
    // listens: which gets connections before the program comes. A program on the unbound socket makes the group at once.
    private static void MakeGroup(ListeningSocket socket)
    {
        SetReusePort(socket);
        _ = Steering.TryAttach(socket, SteeringProgram.Compile([1]), out _); // if refused, so is all steering; that tells
        SocketOption.Set(socket, SOL_SOCKET, SO_REUSEPORT, 0, nameof(SO_REUSEPORT));
    }

    // Connections of a former server that are in TIME_WAIT must not block the address, see tcp(7).
    private static void SetReuseAddress(Descriptor socket) =>
        SocketOption.Enable(socket, SOL_SOCKET, SO_REUSEADDR, nameof(SO_REUSEADDR));

    private static void SetReusePort(Descriptor socket) =>
        SocketOption.Enable(socket, SOL_SOCKET, SO_REUSEPORT, nameof(SO_REUSEPORT));

    /// <summary>Where a TCP endpoint listens on this machine, and whether IPv4 comes there over IPv6.</summary>
    public static (IPEndPoint Address, bool DualStack) UsableAddress(ListenEndpoint endpoint)
    {
        IPEndPoint address = (IPEndPoint)endpoint.EndPoint;
        return endpoint.DualStack && !IsSupported(address) ? (new IPEndPoint(IPAddress.Any, address.Port), false) : (address, endpoint.DualStack);
    }

    private static bool IsSupported(IPEndPoint address)
    {
        try
        {
            ListeningSocket.Create(address, "", ListenEndpoint.DefaultBacklog).Dispose();
            return true;
        }
        catch (SystemCallException e) when (e.ErrorNumber == EAFNOSUPPORT)
        {
            return false; // IPv6 is not compiled in, or switched off at boot
        }
    }
}
