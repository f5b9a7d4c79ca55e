using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using WorkerPool.Interop;
using static Tmds.Linux.LibC;

namespace WorkerPool.Sockets;

/// <summary>
/// Both ends of a new connection within this process: a client's socket, and what an acceptor would have got. Of the kind
/// of the endpoint (TCP over the loopback interface, or Unix), but not through it: there another worker might accept.
/// </summary>
internal static class SelfConnection
{
    /// <exception cref="SystemCallException">Descriptors or memory are short.</exception>
    /// <exception cref="SocketException">The loopback interface does not work.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static async Task<(Socket Client, Descriptor Accepted)> OpenAsync(
        EndPoint like, ILogger logger, TimeProvider time, CancellationToken cancellationToken)
    {
        if (like is not IPEndPoint ip)
        {
            return OpenUnix();
        }

        IPAddress loopback = ip.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Loopback : IPAddress.IPv6Loopback;
        (Acceptor acceptor, EndPoint address) = Listen(new IPEndPoint(loopback, 0), logger, time);
        using (acceptor)
        {
            Socket client = new(loopback.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await client.ConnectAsync(address, cancellationToken).ConfigureAwait(false);
                return (client, await AcceptAsync(acceptor, client.LocalEndPoint!, cancellationToken).ConfigureAwait(false));
            }
            catch
            {
                client.Dispose();
                throw;
            }
        }
    }

    private static (Acceptor Acceptor, EndPoint Address) Listen(IPEndPoint address, ILogger logger, TimeProvider time)
    {
        using ListeningSocket socket = ListeningSocket.Create(address, "self", backlog: 1);
        socket.Bind(address);
        socket.Listen();
        InheritedListener listener = new(SystemCall.Check(fcntl(socket.Number, F_DUPFD_CLOEXEC, 0), "fcntl(F_DUPFD_CLOEXEC)"));
        Acceptor acceptor = new("self", listener, new ConnectionTracker(), nonBlocking: false, logger, time, DescriptorReserve.OfThisProcess());
        acceptor.Open();
        return (acceptor, socket.Address);
    }

    // Any process of this machine can connect there, so look who it is.
    private static async Task<Descriptor> AcceptAsync(Acceptor acceptor, EndPoint client, CancellationToken cancellationToken)
    {
        while (true)
        {
            Descriptor accepted = new((await acceptor.AcceptAsync(cancellationToken).ConfigureAwait(false)).Number);
            if (client.Equals(SocketName.OfPeer(accepted.Number)))
            {
                return accepted;
            }

            accepted.Dispose();
        }
    }

    private static unsafe (Socket Client, Descriptor Accepted) OpenUnix()
    {
        int* ends = stackalloc int[2];
        SystemCall.Check(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), "socketpair(AF_UNIX, SOCK_STREAM)");
        Descriptor accepted = new(ends[1]);
#pragma warning disable RS0030 // Not a listener but a private end of a pair: no other process shares its description.
        SafeSocketHandle handle = new(ends[0], ownsHandle: true);
#pragma warning restore RS0030
        try
        {
            return (new Socket(handle), accepted);
        }
        catch
        {
            handle.Dispose();
            accepted.Dispose();
            throw;
        }
    }
}
