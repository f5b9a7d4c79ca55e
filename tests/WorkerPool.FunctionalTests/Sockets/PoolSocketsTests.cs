using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using WorkerPool.Runtime;
using WorkerPool.FunctionalTests.Support;
using WorkerPool.Sockets;
using Xunit;
using static Tmds.Linux.LibC;

namespace WorkerPool.FunctionalTests.Sockets;

public sealed class PoolSocketsTests
{
    public PoolSocketsTests() => KernelSteering.Require();

    [Fact]
    public void A_table_holds_for_every_endpoint_and_for_slots_that_come_later()
    {
        using PoolSockets sockets = Open(2, "127.0.0.1:0", "[::1]:0");
        Assert.Null(sockets.Steer([0, 1]));
        Assert.All(sockets.Endpoints, endpoint => Assert.Equal([1], Peer.Spread(Peer.All(endpoint), 20).Keys));

        sockets.GrowTo(4);
        Assert.All(sockets.Endpoints, endpoint => Assert.Equal([1], Peer.Spread(Peer.All(endpoint), 20).Keys));

        Assert.Null(sockets.Steer([1, 0, 0, 1]));
        Assert.All(sockets.Endpoints, endpoint => Assert.Equal([0, 3], Peer.Spread(Peer.All(endpoint), 60).Keys.Order()));
    }

    [Fact]
    public void A_pool_that_was_never_steered_keeps_new_slots_out_while_it_grows()
    {
        using PoolSockets sockets = Open(3, "127.0.0.1:0");

        sockets.GrowTo(5);

        Assert.Equal([0, 1, 2], Peer.Spread(Peer.All(sockets.Endpoints[0]), 100).Keys.Order());
        Assert.Null(sockets.SteerTo(5));
        Assert.Equal(5, Peer.Spread(Peer.All(sockets.Endpoints[0]), 300).Count);
    }

    [Fact]
    public void A_refusal_of_the_kernel_is_told_once_and_remembered()
    {
        using PoolSockets sockets = Open(4, "127.0.0.1:0", "[::1]:0");
        foreach (EndpointSockets endpoint in sockets.Endpoints)
        {
            Assert.Equal(0, shutdown(endpoint.Get(1).Number, SHUT_RDWR));
            Assert.Equal(0, shutdown(endpoint.Get(0).Number, SHUT_RDWR));
        }

        _ = sockets.Heal(0).ToList(); // two at once, so that their order is not known

        Assert.Contains("order in the kernel", sockets.Steer([1, 0, 1, 1]), StringComparison.Ordinal);
        Assert.Null(sockets.Steer([1, 1, 0, 1]));
        Assert.All(sockets.Endpoints, endpoint => Assert.NotNull(endpoint.SteeringRefusal));
        Assert.Null(sockets.SteerTo(4));
        Assert.All(sockets.Endpoints, endpoint => Assert.Null(endpoint.SteeringRefusal)); // the hash is what was asked for
    }

    [Fact]
    public void When_steering_is_off_nothing_is_told_but_the_sockets_know()
    {
        using PoolSockets sockets = PoolSockets.Open([ListenEndpoint.Parse("http", "127.0.0.1:0")], 2, NullLogger.Instance, steering: false);

        Assert.Null(sockets.Steer([0, 1]));

        Assert.NotNull(sockets.Endpoints[0].SteeringRefusal); // so that nobody believes that slot 0 can be closed
        Assert.Equal(2, Peer.Spread(Peer.All(sockets.Endpoints[0]), 60).Count);
    }

    [Fact]
    public void A_table_that_makes_no_sense_is_refused_even_without_endpoints_to_steer()
    {
        using PoolSockets sockets = Open(2, UniqueUnixAddress());

        Assert.Throws<ArgumentException>(() => sockets.Steer([0, 0]));
        Assert.Throws<ArgumentException>(() => sockets.SteerTo(3));
        Assert.Null(sockets.Steer([0, 1]));
    }

    [Fact]
    public void The_queues_of_a_slot_are_counted_together()
    {
        using PoolSockets sockets = Open(2, "127.0.0.1:0", "[::1]:0", UniqueUnixAddress());
        Assert.Null(sockets.Steer([0, 1]));
        Socket[] waiting = [.. sockets.Endpoints.Append(sockets.Endpoints[0]).Select(endpoint => Peer.Connect(endpoint.BoundEndPoint))];

        Assert.Equal(0, sockets.QueueLength(0));
        Assert.Equal(3, sockets.QueueLength(1)); // that of the Unix socket is nobody's

        Assert.All(waiting, client => client.Dispose());
        Assert.Throws<ArgumentOutOfRangeException>(() => sockets.QueueLength(2));
    }

    private static string UniqueUnixAddress() => $"unix:@workerpool-{Guid.NewGuid():N}";

    private static PoolSockets Open(int slots, params string[] addresses) => PoolSockets.Open(
        [.. addresses.Select((address, index) => ListenEndpoint.Parse($"e{index}", address))], slots, NullLogger.Instance);
}
