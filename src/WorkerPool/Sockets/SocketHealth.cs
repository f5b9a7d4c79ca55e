using System.Net;
using Tmds.Linux;
using WorkerPool.Interop;
using static Tmds.Linux.LibC;

namespace WorkerPool.Sockets;

/// <summary>
/// Finds and repairs what a worker did to a listening socket that it shared with the master. Options belong to the
/// open file description, so a worker that wraps the socket in a runtime's own type, or dies in the middle, leaves
/// them as they are to everybody who comes later.
/// </summary>
internal static unsafe class SocketHealth
{
    /// <summary>Whether connections can reach the socket.</summary>
    public static bool IsListening(ListeningSocket socket) =>
        SocketOption.Get(socket, SOL_SOCKET, SO_ACCEPTCONN, nameof(SO_ACCEPTCONN)) != 0 && !IsShutDown(socket);

    /// <summary>How many connections wait to be accepted; null for a Unix socket, which does not tell.</summary>
    public static int? QueueLength(ListeningSocket socket) =>
        AcceptQueue.TryRead(socket, out int length, out _) ? length : null;

    /// <summary>Checks everything that a worker can have changed, and puts it right.</summary>
    /// <remarks>
    /// A connection that was in the queue when the socket ceased to listen is lost; one that completed its handshake
    /// while SO_LINGER was set keeps it.
    /// </remarks>
    public static SocketHealthReport Heal(ListeningSocket socket)
    {
        List<string> healed = [];
        Note(healed, socket, HealBlocking(socket), "it was blocking (O_NONBLOCK was off)");
        Note(healed, socket, HealLinger(socket), "SO_LINGER was set, which ends connections with a reset");
        if (!IsListening(socket))
        {
            string? failure = Relisten(socket);
            Note(healed, socket, failure is null, "it had ceased to listen; what its queue held is lost");
            return new SocketHealthReport(healed, failure, Relistened: failure is null);
        }

        Note(healed, socket, HealBacklog(socket), "its backlog had been changed");
        return new SocketHealthReport(healed, Failure: null, Relistened: false);
    }

    private static bool HealBlocking(ListeningSocket socket)
    {
        int flags = SystemCall.Check(fcntl(socket.Number, F_GETFL), "fcntl(F_GETFL)");
        if ((flags & O_NONBLOCK) != 0)
        {
            return false;
        }

        SystemCall.Check(fcntl(socket.Number, F_SETFL, flags | O_NONBLOCK), "fcntl(F_SETFL)");
        return true;
    }

    private static bool HealLinger(ListeningSocket socket)
    {
        linger value;
        socklen_t length = (uint)sizeof(linger);
        SystemCall.Check(getsockopt(socket.Number, SOL_SOCKET, SO_LINGER, &value, &length), "getsockopt(SO_LINGER)");
        if (value.l_onoff == 0)
        {
            return false;
        }

        value = default;
        SystemCall.Check(setsockopt(socket.Number, SOL_SOCKET, SO_LINGER, &value, length), "setsockopt(SO_LINGER)");
        return true;
    }

    // listen() on a listening socket sets the backlog and nothing else: neither queue nor group change.
    private static bool HealBacklog(ListeningSocket socket)
    {
        bool known = AcceptQueue.TryRead(socket, out _, out int limit);
        if (known && limit == socket.QueueLimit)
        {
            return false;
        }

        socket.Listen();
        return known;
    }

    private static string? Relisten(ListeningSocket socket)
    {
        if (IsShutDown(socket))
        {
            return Describe(socket, "was shut down by a worker, and a Unix socket cannot be made to listen again. Restart the pool.");
        }

        try
        {
            socket.Listen();
        }
        catch (SystemCallException e)
        {
            return Describe(socket, $"has ceased to listen, and could not be made to listen again: {e.Message}");
        }

        EndPoint address = socket.ReadAddress();
        return address.Equals(socket.Address) ? null
            : Describe(socket, $"has ceased to listen, and now listens on {AddressText.Format(address)}.");
    }

    // A Unix socket that was shut down for reading refuses connections and still says SO_ACCEPTCONN.
    private static bool IsShutDown(ListeningSocket socket)
    {
        if (socket.Address is IPEndPoint)
        {
            return false;
        }

        pollfd descriptor = new() { fd = socket.Number, events = POLLRDHUP };
        SystemCall.Check(poll(&descriptor, 1, 0), "poll"); // does not wait, so nothing can interrupt it
        return (descriptor.revents & (POLLHUP | POLLRDHUP)) != 0;
    }

    private static void Note(List<string> healed, ListeningSocket socket, bool happened, string what)
    {
        if (happened)
        {
            healed.Add(Describe(socket, $"was damaged by a worker and is repaired: {what}."));
        }
    }

    private static string Describe(ListeningSocket socket, string text) =>
        $"A listening socket of endpoint {socket.EndpointName} ({AddressText.Format(socket.Address)}) {text}";
}
