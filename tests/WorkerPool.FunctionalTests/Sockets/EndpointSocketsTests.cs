using System.Net;
using System.Net.Sockets;
using WorkerPool.Interop;
using WorkerPool.FunctionalTests.Support;
using WorkerPool.Sockets;
using Xunit;
using static Tmds.Linux.LibC;

namespace WorkerPool.FunctionalTests.Sockets;

public sealed class EndpointSocketsTests
{
    public static TheoryData<string> Addresses => ["127.0.0.1:0", "0.0.0.0:0", "[::1]:0", "[::]:0", "*:0"];

    [Theory]
    [MemberData(nameof(Addresses))]
    public void All_slots_listen_on_one_port_and_all_get_connections(string address)
    {
        using EndpointSockets sockets = Open(address, 4);

        Assert.NotEqual(0, ((IPEndPoint)sockets.BoundEndPoint).Port);
        Assert.All(Peer.All(sockets), socket => Assert.Equal(sockets.BoundEndPoint, socket.ReadAddress()));
        Assert.Equal(4, Peer.Spread(Peer.All(sockets), 200).Count);
    }

    [Theory]
    [MemberData(nameof(Addresses))]
    public void The_slot_is_the_index_in_the_group(string address)
    {
        KernelSteering.Require();
        using EndpointSockets sockets = Open(address, 2);
        sockets.GrowTo(5);

        for (int slot = 0; slot < 5; slot++)
        {
            Assert.True(Steering.TryAttach(sockets.Get(4 - slot), SteeringProgram.Compile(Peer.Only(slot)), out string? refusal), refusal);
            Assert.Equal([slot], Peer.Spread(Peer.All(sockets), 5).Keys);
        }
    }

    [Fact]
    public void Sockets_neither_block_nor_survive_an_exec_and_are_all_different()
    {
        using EndpointSockets sockets = Open("127.0.0.1:0", 3);

        Assert.All(Peer.All(sockets), socket =>
        {
            Assert.NotEqual(0, fcntl(socket.Number, F_GETFL) & O_NONBLOCK);
            Assert.NotEqual(0, fcntl(socket.Number, F_GETFD) & FD_CLOEXEC);
            Assert.Equal("http", socket.EndpointName);
        });
        Assert.Equal(3, Peer.All(sockets).Select(socket => socket.Inode).Distinct().Count());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Accepted_connections_inherit_the_choice_of_delay(bool noDelay)
    {
        ListenEndpoint endpoint = ListenEndpoint.Parse("http", "127.0.0.1:0");
        endpoint.NoDelay = noDelay;
        using EndpointSockets sockets = EndpointSockets.Open(endpoint, 1);
        using Socket client = Peer.Connect(sockets.BoundEndPoint);
        using Descriptor connection = Peer.Accept(sockets.Get(0));

        Assert.Equal(noDelay ? 1 : 0, SocketOption.Get(connection, IPPROTO_TCP, TCP_NODELAY, nameof(TCP_NODELAY)));
    }

    [Fact]
    public void A_star_takes_IPv4_and_IPv6_while_the_IPv6_any_address_leaves_IPv4_to_another()
    {
        using EndpointSockets both = Open("*:0", 1);
        using Socket four = Peer.Connect(new IPEndPoint(IPAddress.Loopback, ((IPEndPoint)both.BoundEndPoint).Port));
        using Descriptor connection = Peer.Accept(both.Get(0));

        using EndpointSockets six = Open("[::]:0", 2);
        using EndpointSockets beside = Open($"0.0.0.0:{((IPEndPoint)six.BoundEndPoint).Port}", 2);
        Assert.Equal(2, beside.SlotCount);
    }

    [Fact]
    public void The_backlog_reaches_the_kernel_and_a_cut_is_reported()
    {
        int limit = int.Parse(File.ReadAllText("/proc/sys/net/core/somaxconn"), System.Globalization.CultureInfo.InvariantCulture);
        ListenEndpoint endpoint = ListenEndpoint.Parse("http", "127.0.0.1:0");
        endpoint.Backlog = 17;
        using EndpointSockets small = EndpointSockets.Open(endpoint, 2);
        Assert.Equal(Math.Min(17, limit), small.Get(1).QueueLimit);
        Assert.Equal(17 > limit, small.Warnings.Count > 0);

        endpoint.Backlog = 65535;
        using EndpointSockets large = EndpointSockets.Open(endpoint, 1);
        Assert.Equal(Math.Min(65535, limit), large.Get(0).QueueLimit);
        Assert.Equal(65535 > limit, large.Warnings.Count > 0);
        Assert.All(large.Warnings, warning => Assert.Contains("net.core.somaxconn", warning, StringComparison.Ordinal));
    }

    [Fact]
    public void Connections_of_a_former_server_in_TIME_WAIT_do_not_block_its_address()
    {
        string address = Peer.UniqueAddress(Peer.UniquePort());
        using (EndpointSockets former = Open(address, 2))
        {
            using Socket client = Peer.Connect(former.BoundEndPoint);
            Peer.AcceptAny(Peer.All(former)).Connection.Dispose(); // the one that closes first keeps the TIME_WAIT
            Assert.Equal(0, client.Receive(new byte[1]));
            client.Shutdown(SocketShutdown.Both);
        }

        if (IsFree(address))
        {
            Assert.Skip("The kernel kept nothing of the connection: its table of TIME_WAIT is full (net.ipv4.tcp_max_tw_buckets).");
        }

        using EndpointSockets next = Open(address, 2);
        Peer.Spread(Peer.All(next), 1);
    }

    [Fact]
    public void Shrinking_closes_the_last_and_the_rest_gets_everything()
    {
        using EndpointSockets sockets = Open("127.0.0.1:0", 4);
        ListeningSocket last = sockets.Get(3);

        sockets.CloseLast();
        sockets.ShrinkTo(2);

        Assert.True(last.IsClosed);
        Assert.Equal(2, Peer.Spread(Peer.All(sockets), 60).Count);
        Assert.Throws<ArgumentOutOfRangeException>(() => sockets.Get(2));
        Assert.Throws<ArgumentOutOfRangeException>(() => sockets.ShrinkTo(0));
    }

    [Fact]
    public void An_address_that_the_machine_does_not_have_is_explained()
    {
        SystemCallException exception = Assert.Throws<SystemCallException>(() => Open("192.0.2.1:8080", 2)); // TEST-NET-1

        Assert.Equal(EADDRNOTAVAIL, exception.ErrorNumber);
        Assert.Contains("bind(192.0.2.1:8080)", exception.Message, StringComparison.Ordinal);
        Assert.Contains("ip address", exception.Message, StringComparison.Ordinal);
    }

    // To a socket that does not say SO_REUSEADDR.
    private static bool IsFree(string address)
    {
        IPEndPoint endPoint = IPEndPoint.Parse(address);
        using ListeningSocket socket = ListeningSocket.Create(endPoint, "strict", 1);
        try
        {
            socket.Bind(endPoint);
            return true;
        }
        catch (SystemCallException e) when (e.ErrorNumber == EADDRINUSE)
        {
            return false;
        }
    }

    private static EndpointSockets Open(string address, int slots) =>
        EndpointSockets.Open(ListenEndpoint.Parse("http", address), slots);
}
