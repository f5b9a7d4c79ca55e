using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using WorkerPool.FunctionalTests.Sockets;
using WorkerPool.FunctionalTests.Support;
using WorkerPool.Interop;
using WorkerPool.Runtime;
using WorkerPool.Sockets;
using WorkerPool.Sockets.Activation;
using Xunit;
using static Tmds.Linux.LibC;

namespace WorkerPool.FunctionalTests.Activation;

/// <summary>Sockets that were received, and those that join them.</summary>
public sealed class ReceivedSocketsTests
{
    private const int IP_FREEBIND = 15;

    private static readonly ListenEndpoint Web = ListenEndpoint.Parse("web", "systemd:web");

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    [InlineData("::")]
    public void The_slot_is_the_index_in_the_group(string address)
    {
        KernelSteering.Require();
        using ManagerSocket first = ManagerSocket.Tcp(reusePort: true, new IPEndPoint(IPAddress.Parse(address), 0));
        using ManagerSocket second = ManagerSocket.Tcp(reusePort: true, first.Address);
        using EndpointSockets sockets = Open(4, Pass(first), Pass(second));

        Assert.Equal([first.Inode, second.Inode], Peer.All(sockets).Take(2).Select(socket => socket.Inode));
        for (int slot = 0; slot < 4; slot++)
        {
            Assert.True(Steering.TryAttach(sockets.Get(3 - slot), SteeringProgram.Compile(Peer.Only(slot)), out string? refusal), refusal);
            Assert.Equal([slot], Peer.Spread(Peer.All(sockets), 5).Keys);
        }
    }

    [Fact]
    public void What_the_unit_sets_all_sockets_have()
    {
        (int Level, int Option, int Value)[] options =
        [
            (SOL_SOCKET, SO_KEEPALIVE, 1), (SOL_SOCKET, SO_PRIORITY, 3), (SOL_SOCKET, SO_RCVBUF, 40_000), (SOL_SOCKET, SO_SNDBUF, 50_000),
            (IPPROTO_IP, IP_TOS, 8), (IPPROTO_IP, IP_TTL, 33), (IPPROTO_IP, IP_FREEBIND, 1),
            (IPPROTO_TCP, TCP_KEEPIDLE, 77), (IPPROTO_TCP, TCP_KEEPINTVL, 11), (IPPROTO_TCP, TCP_KEEPCNT, 4), (IPPROTO_TCP, TCP_DEFER_ACCEPT, 2),
        ];
        using ManagerSocket unit = ManagerSocket.Tcp(reusePort: true, options: socket => Array.ForEach(
            options, option => SocketOption.Set(socket, option.Level, option.Option, option.Value, "an option")));
        using EndpointSockets sockets = Open(3, Pass(unit));

        Assert.All(options, option => Assert.All(Peer.All(sockets), socket => Assert.Equal(
            SocketOption.Get(unit, option.Level, option.Option, "an option"), SocketOption.Get(socket, option.Level, option.Option, "an option"))));
        using ManagerSocket fresh = ManagerSocket.NotListening();
        Assert.NotEqual(SocketOption.Get(fresh, SOL_SOCKET, SO_RCVBUF, "SO_RCVBUF"), SocketOption.Get(sockets.Get(2), SOL_SOCKET, SO_RCVBUF, "SO_RCVBUF"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void An_IPv6_socket_takes_IPv4_or_not_as_the_unit_says(int only)
    {
        using ManagerSocket unit = ManagerSocket.Tcp(
            reusePort: true, new IPEndPoint(IPAddress.IPv6Any, 0), socket => SocketOption.Set(socket, IPPROTO_IPV6, IPV6_V6ONLY, only, nameof(IPV6_V6ONLY)));
        using EndpointSockets sockets = Open(2, Pass(unit));

        Assert.Equal(only == 0, sockets.Endpoint.DualStack);
        Assert.All(Peer.All(sockets), socket => Assert.Equal(only, SocketOption.Get(socket, IPPROTO_IPV6, IPV6_V6ONLY, nameof(IPV6_V6ONLY))));
    }

    [Fact]
    public void Backlog_and_delay_are_the_endpoints_and_the_socket_neither_blocks_nor_survives_an_exec()
    {
        using ManagerSocket unit = ManagerSocket.Tcp(reusePort: true);
        Assert.Equal(0, fcntl(unit.Number, F_GETFL) & O_NONBLOCK);
        ListenEndpoint endpoint = ListenEndpoint.Parse("web", "systemd:web");
        endpoint.Backlog = 33;
        using EndpointSockets sockets = EndpointSockets.Open(endpoint, 2, received: ActivatedSockets.Receive(endpoint, new PassedSockets(Pass(unit))));

        Assert.All(Peer.All(sockets), socket =>
        {
            Assert.Equal(33, socket.QueueLimit);
            Assert.Equal(1, SocketOption.Get(socket, IPPROTO_TCP, TCP_NODELAY, nameof(TCP_NODELAY)));
            Assert.NotEqual(0, fcntl(socket.Number, F_GETFL) & O_NONBLOCK);
            Assert.NotEqual(0, fcntl(socket.Number, F_GETFD) & FD_CLOEXEC);
        });
    }

    [Fact]
    public void They_stay_open_when_the_endpoint_is_closed_and_another_pool_may_have_them_then()
    {
        using ManagerSocket unit = ManagerSocket.Tcp(reusePort: true);
        PassedSockets passed = new(Pass(unit));
        using (EndpointSockets sockets = EndpointSockets.Open(Web, 3, received: ActivatedSockets.Receive(Web, passed)))
        {
            Assert.Contains("another pool", Assert.Throws<IOException>(() => ActivatedSockets.Receive(Web, passed)).Message, StringComparison.Ordinal);
            sockets.ShrinkTo(1);
            Assert.Throws<ArgumentOutOfRangeException>(() => sockets.ShrinkTo(0));
        }

        using Socket waiting = Peer.Connect(unit.Address);
        Assert.Equal(1, unit.CountWaiting);
        using EndpointSockets again = EndpointSockets.Open(Web, 1, received: ActivatedSockets.Receive(Web, passed));
        using Descriptor connection = Peer.Accept(again.Get(0));
    }

    [Fact]
    public void Received_sockets_are_not_closed_when_slots_go()
    {
        using ManagerSocket first = ManagerSocket.Tcp(reusePort: true);
        using ManagerSocket second = ManagerSocket.Tcp(reusePort: true, first.Address);
        using PoolSockets sockets = PoolSockets.Open([Web], 1, NullLogger.Instance, passed: new PassedSockets(Pass(first), Pass(second)));
        Assert.Equal(2, sockets.SlotCount);
        sockets.GrowTo(4);
        sockets.ShrinkTo(1);
        Assert.Equal(2, sockets.SlotCount);
        Assert.Equal(second.Inode, sockets.Endpoints[0].Get(1).Inode);
        sockets.GrowTo(3);
        if (!Steering.IsOff)
        {
            Assert.Null(sockets.Steer([0, 0, 1]));
            Assert.Equal([2], Peer.Spread(Peer.All(sockets.Endpoints[0]), 10).Keys);
        }
    }

    [Fact]
    public void All_is_looked_at_before_anything_is_opened()
    {
        using ManagerSocket unit = ManagerSocket.Tcp(reusePort: true);
        PassedSockets passed = new(Pass(unit));
        ListenEndpoint own = ListenEndpoint.Parse("own", Peer.UniqueAddress(Peer.UniquePort()));
        LogBook log = new();
        ListenEndpoint missing = ListenEndpoint.Parse("missing", "systemd:missing");
        Assert.Throws<IOException>(() => PoolSockets.Open([own, Web, missing], 2, log.CreateLogger("test"), passed: passed));
        Assert.DoesNotContain("listens on", log.Text, StringComparison.Ordinal);
        using PoolSockets sockets = PoolSockets.Open([own, Web], 2, log.CreateLogger("test"), passed: passed);
        Assert.Equal(unit.Address, sockets.BoundEndPoint("web"));
    }

    private static PassedSocket Pass(ManagerSocket socket) =>
        new(SystemCall.Check(fcntl(socket.Number, F_DUPFD_CLOEXEC, 0), "fcntl"), "web");

    private static EndpointSockets Open(int slots, params PassedSocket[] passed) =>
        EndpointSockets.Open(Web, slots, received: ActivatedSockets.Receive(Web, new PassedSockets(passed)));
}
