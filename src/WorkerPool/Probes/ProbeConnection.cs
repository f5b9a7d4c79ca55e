using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using WorkerPool.Interop;
using WorkerPool.Sockets;
using static Tmds.Linux.LibC;

namespace WorkerPool.Probes;

/// <summary>Makes a connection to one worker, past its listeners: both ends here, and then one of them is passed to it.</summary>
/// <remarks>
/// The worker's end is never in a <see cref="Socket"/> of this process: what the runtime did to it when that is disposed
/// would happen to the worker.
/// </remarks>
internal static class ProbeConnection
{
    public static async Task<Stream> OpenAsync(ProbeTarget target, string name, CancellationToken cancellationToken)
    {
        int index = IndexOf(target.Endpoints, name);
        (Socket client, Descriptor server) = target.Endpoints[index].EndPoint is UnixDomainSocketEndPoint
            ? UnixPair()
            : await TcpPairAsync(target.Endpoints[index], cancellationToken);
        using (server)
        {
            try
            {
                return target.Pass(index, server) switch
                {
                    SendResult.Sent => new NetworkStream(client, ownsSocket: true),
                    SendResult.Full => throw new ProbeFailedException("the worker does not take the connections that are passed to it."),
                    _ => throw new ProbeFailedException("the worker has closed its pass channel."),
                };
            }
            catch
            {
                client.Dispose();
                throw;
            }
        }
    }

    private static int IndexOf(IReadOnlyList<ListenEndpoint> endpoints, string name)
    {
        for (int index = 0; index < endpoints.Count; index++)
        {
            if (endpoints[index].Name == name)
            {
                return index;
            }
        }

        throw new ArgumentException(
            $"The pool has no endpoint \"{name}\"; it has: {string.Join(", ", endpoints.Select(endpoint => endpoint.Name))}.", nameof(name));
    }

    private static unsafe (Socket Client, Descriptor Server) UnixPair()
    {
        int* pair = stackalloc int[2];
        SystemCall.Check(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), "socketpair");
#pragma warning disable RS0030 // One end of a pair; nobody else has its description.
        return (new Socket(new SafeSocketHandle(pair[0], ownsHandle: true)), new Descriptor(pair[1]));
#pragma warning restore RS0030
    }

    private static async Task<(Socket Client, Descriptor Server)> TcpPairAsync(ListenEndpoint endpoint, CancellationToken cancellationToken)
    {
        using ListeningSocket listener = Listen(endpoint);
        Socket client = new(listener.Address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await client.ConnectAsync(listener.Address, cancellationToken);
            return (client, Accept(listener, ((IPEndPoint)client.LocalEndPoint!).Port));
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    private static ListeningSocket Listen(ListenEndpoint endpoint)
    {
        bool isV6 = endpoint.EndPoint.AddressFamily == AddressFamily.InterNetworkV6 && Socket.OSSupportsIPv6;
        IPEndPoint address = new(isV6 ? IPAddress.IPv6Loopback : IPAddress.Loopback, 0);
        ListeningSocket listener = ListeningSocket.Create(address, endpoint.Name, backlog: 1);
        try
        {
            SocketOption.Set(listener, IPPROTO_TCP, TCP_NODELAY, endpoint.NoDelay ? 1 : 0, nameof(TCP_NODELAY));
            listener.Bind(address);
            listener.Listen();
            return listener;
        }
        catch
        {
            listener.Dispose();
            throw;
        }
    }

    /// <summary>Our own connection; one of anybody else who was quick enough to find the port is closed.</summary>
    private static unsafe Descriptor Accept(ListeningSocket listener, int clientPort)
    {
        while (true)
        {
            Descriptor server = new(SystemCall.Check(SystemCall.Retry(() => accept4(listener.Number, null, null, SOCK_CLOEXEC)), "accept4"));
            if (PeerPort(server) == clientPort)
            {
                return server;
            }

            server.Dispose();
        }
    }

    private static unsafe int PeerPort(Descriptor socket)
    {
        Tmds.Linux.sockaddr_storage name;
        Tmds.Linux.socklen_t size = sizeof(Tmds.Linux.sockaddr_storage);
        return getpeername(socket.Number, (Tmds.Linux.sockaddr*)&name, &size) == 0
            ? BinaryPrimitives.ReadUInt16BigEndian(new ReadOnlySpan<byte>((byte*)&name + sizeof(ushort), sizeof(ushort))) // behind the family, ip(7)
            : 0; // a stranger who has gone already
    }
}
