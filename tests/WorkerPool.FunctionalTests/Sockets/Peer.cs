using System.Net;
using System.Net.Sockets;
using Tmds.Linux;
using WorkerPool.Interop;
using WorkerPool.Sockets;
using Xunit;
using static Tmds.Linux.LibC;

namespace WorkerPool.FunctionalTests.Sockets;

/// <summary>Both sides of a connection: clients of the runtime's own kind, acceptors that call the kernel as a worker does.</summary>
internal static unsafe class Peer
{
    private const int DeadlineMilliseconds = 10_000;

    /// <summary>A loopback address of its own, so that tests that run beside each other do not meet.</summary>
    public static string UniqueAddress(int port) =>
        $"127.{Random.Shared.Next(64, 128)}.{Random.Shared.Next(256)}.{Random.Shared.Next(1, 255)}:{port}";

    /// <summary>A port outside of the range from which the kernel chooses by itself.</summary>
    public static int UniquePort() => Random.Shared.Next(10_000, 30_000);

    public static Socket Connect(EndPoint server)
    {
        Socket client = new(server.AddressFamily, SocketType.Stream, ProtocolType.Unspecified)
        {
            ReceiveTimeout = DeadlineMilliseconds,
            SendTimeout = DeadlineMilliseconds,
        };
        client.Connect(Reachable(server));
        return client;
    }

    /// <summary>Waits until one of the sockets has a connection, and takes it.</summary>
    public static (int Index, Descriptor Connection) AcceptAny(params IReadOnlyList<ListeningSocket> sockets)
    {
        pollfd* all = stackalloc pollfd[sockets.Count];
        for (int i = 0; i < sockets.Count; i++)
        {
            all[i] = new pollfd { fd = sockets[i].Number, events = POLLIN };
        }

        Assert.True(poll(all, (uint)sockets.Count, DeadlineMilliseconds) > 0, "No connection came.");
        int index = Enumerable.Range(0, sockets.Count).First(i => all[i].revents != 0);
        Descriptor? connection = TryAccept(sockets[index]);
        Assert.NotNull(connection);
        return (index, connection);
    }

    public static Descriptor Accept(ListeningSocket socket) => AcceptAny(socket).Connection;

    /// <summary>Null if the queue is empty.</summary>
    public static Descriptor? TryAccept(Descriptor socket)
    {
        int number = accept4(socket.Number, null, null, SOCK_CLOEXEC);
        Assert.True(number >= 0 || Errno.Last == EAGAIN, $"accept4: {Errno.Name(Errno.Last)}");
        return number >= 0 ? new Descriptor(number) : null;
    }

    /// <summary>Connects once, and says which of the sockets got the connection. Ends by a reset, so that no TIME_WAIT takes the port.</summary>
    public static int IndexOfNext(IReadOnlyList<ListeningSocket> sockets)
    {
        using Socket client = Connect(sockets[0].Address);
        (int index, Descriptor connection) = AcceptAny(sockets);
        using (connection)
        {
            client.LingerState = new LingerOption(true, 0);
            client.Dispose();
        }

        return index;
    }

    /// <summary>Which sockets get how many of so many connections.</summary>
    public static Dictionary<int, int> Spread(IReadOnlyList<ListeningSocket> sockets, int connections) =>
        Enumerable.Range(0, connections).Select(_ => IndexOfNext(sockets)).CountBy(index => index).ToDictionary();

    /// <summary>Fails unless a client is accepted, gets a byte and then a graceful end (FIN, not RST).</summary>
    public static void AssertServes(ListeningSocket socket)
    {
        using Socket client = Connect(socket.Address);
        using (Descriptor connection = Accept(socket))
        {
            byte greeting = 42;
            Assert.Equal(1, (int)write(connection.Number, &greeting, 1));
        }

        byte[] received = new byte[2];
        Assert.Equal(1, client.Receive(received, 1, SocketFlags.None));
        Assert.Equal(0, client.Receive(received)); // throws "connection reset" if there was an RST
    }

    /// <summary>The weights that choose these slots (or indices) evenly.</summary>
    public static double[] Only(params int[] slots) =>
        [.. Enumerable.Range(0, slots.Max() + 1).Select(slot => slots.Contains(slot) ? 1.0 : 0.0)];

    /// <summary>Takes the steering program away behind the pool's back, and says whether there was one.</summary>
    public static bool RemoveProgram(ListeningSocket member)
    {
        int unused = 0;
        bool removed = setsockopt(member.Number, SOL_SOCKET, Libc.SO_DETACH_REUSEPORT_BPF, &unused, sizeof(int)) == 0;
        Assert.True(removed || Errno.Last == ENOENT, Errno.Name(Errno.Last));
        return removed;
    }

    public static IReadOnlyList<ListeningSocket> All(EndpointSockets sockets) =>
        [.. Enumerable.Range(0, sockets.SlotCount).Select(sockets.Get)];

    private static EndPoint Reachable(EndPoint server) => server switch
    {
        IPEndPoint ip when ip.Address.Equals(IPAddress.Any) => new IPEndPoint(IPAddress.Loopback, ip.Port),
        IPEndPoint ip when ip.Address.Equals(IPAddress.IPv6Any) => new IPEndPoint(IPAddress.IPv6Loopback, ip.Port),
        _ => server,
    };
}
