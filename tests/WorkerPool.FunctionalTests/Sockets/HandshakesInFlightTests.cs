using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using WorkerPool.Runtime;
using WorkerPool.FunctionalTests.Support;
using WorkerPool.Sockets;
using Xunit;
using static Tmds.Linux.LibC;

namespace WorkerPool.FunctionalTests.Sockets;

/// <summary>
/// With TCP_DEFER_ACCEPT the kernel takes the ACK of a client only together with its first data: so a test decides how
/// long a handshake is in flight.
/// </summary>
public sealed class HandshakesInFlightTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public HandshakesInFlightTests() => KernelSteering.Require();

    [Theory]
    [InlineData("127.0.0.1:0", "127.0.0.1")]
    [InlineData("[::1]:0", "::1")]
    [InlineData("*:0", "127.0.0.1")]
    [InlineData("*:0", "::1")]
    public async Task A_handshake_that_has_begun_is_waited_for_and_ends_in_the_queue_of_its_slot(string address, string client)
    {
        using PoolSockets sockets = OpenDeferred(address);
        Assert.Null(sockets.Steer([0, 1]));
        using Socket begun = Connect(sockets, client);
        Assert.Null(sockets.Steer([1, 0]));

        AwaitedTime time = new();
        Task<int> settled = sockets.WhenHandshakesSettledAsync(1, Patience, time, TestContext.Current.CancellationToken);
        await time.Waiting.WaitAsync(Patience);
        Assert.False(settled.IsCompleted);
        Assert.Equal(0, sockets.QueueLength(1));
        begun.Send("hello"u8);

        Assert.Equal(0, await settled.WaitAsync(Patience));
        Assert.Equal(1, sockets.QueueLength(1));
        Assert.Equal(0, sockets.QueueLength(0));
    }

    [Fact]
    public async Task Where_nothing_is_in_flight_nothing_is_waited_for()
    {
        using PoolSockets sockets = Open("127.0.0.1:0", "[::1]:0", "*:0");
        using Socket complete = Connect(sockets, "127.0.0.1");

        Assert.Equal(0, await sockets.WhenHandshakesSettledAsync(0, Patience, new NoTime(), CancellationToken.None).WaitAsync(Patience));
    }

    [Fact]
    public void A_pool_without_TCP_has_nothing_to_wait_for()
    {
        using PoolSockets sockets = Open($"unix:@workerpool-{Guid.NewGuid():N}");

        Assert.True(sockets.WhenHandshakesSettledAsync(1, Patience, new NoTime(), CancellationToken.None).IsCompletedSuccessfully);
    }

    [Fact]
    public async Task Handshakes_that_begin_later_do_not_count()
    {
        using PoolSockets sockets = OpenDeferred("127.0.0.1:0");
        using Socket begun = Connect(sockets, "127.0.0.1");
        AwaitedTime time = new();
        Task<int> settled = sockets.WhenHandshakesSettledAsync(0, Patience, time, CancellationToken.None);
        await time.Waiting.WaitAsync(Patience);

        using Socket later = Connect(sockets, "127.0.0.1");
        begun.Send("hello"u8);

        Assert.Equal(0, await settled.WaitAsync(Patience));
        Assert.Equal(1, await sockets.WhenHandshakesSettledAsync(0, TimeSpan.Zero, new NoTime(), CancellationToken.None).WaitAsync(Patience));
    }

    [Fact]
    public async Task A_client_that_gives_up_is_not_waited_for_any_longer()
    {
        using PoolSockets sockets = OpenDeferred("127.0.0.1:0");
        Socket begun = Connect(sockets, "127.0.0.1");
        AwaitedTime time = new();
        Task<int> settled = sockets.WhenHandshakesSettledAsync(0, Patience, time, CancellationToken.None);
        await time.Waiting.WaitAsync(Patience);

        begun.LingerState = new LingerOption(true, 0);
        begun.Dispose(); // sends an RST

        Assert.Equal(0, await settled.WaitAsync(Patience));
    }

    [Fact]
    public async Task At_the_limit_it_is_told_how_many_are_left()
    {
        using PoolSockets sockets = OpenDeferred("127.0.0.1:0", "[::1]:0", "127.0.0.1:0");
        using PoolSockets other = OpenDeferred("127.0.0.1:0");
        using Socket one = Connect(sockets, "127.0.0.1");
        using Socket two = Connect(sockets, "127.0.0.1", endpoint: 2);
        using Socket three = Connect(sockets, "::1", endpoint: 1);
        using Socket foreign = Connect(other, "127.0.0.1");

        Task<int> settled = sockets.WhenHandshakesSettledAsync(0, TimeSpan.FromMilliseconds(30), TimeProvider.System, CancellationToken.None);

        Assert.Equal(3, await settled.WaitAsync(Patience));
    }

    [Fact]
    public async Task Handshakes_with_another_server_on_the_same_port_do_not_count()
    {
        using PoolSockets other = OpenDeferred(Peer.UniqueAddress(Peer.UniquePort()));
        IPEndPoint busy = (IPEndPoint)other.Endpoints[0].BoundEndPoint;
        using PoolSockets sockets = Open($"127.0.0.1:{busy.Port}");
        using Socket begun = Connect(other, busy.Address.ToString());

        Assert.Equal(0, await sockets.WhenHandshakesSettledAsync(0, Patience, new NoTime(), CancellationToken.None).WaitAsync(Patience));
        Assert.Equal(1, await other.WhenHandshakesSettledAsync(0, TimeSpan.Zero, new NoTime(), CancellationToken.None).WaitAsync(Patience));
    }

    [Fact]
    public async Task A_flood_of_them_is_read_completely()
    {
        const int Clients = 1000; // several answers of the kernel
        using PoolSockets sockets = OpenDeferred("127.0.0.1:0");
        Socket[] clients = [.. Enumerable.Range(0, Clients).Select(_ => Connect(sockets, "127.0.0.1"))];
        try
        {
            Task<int> left = sockets.WhenHandshakesSettledAsync(0, TimeSpan.Zero, TimeProvider.System, CancellationToken.None);
            Assert.Equal(Clients, await left.WaitAsync(Patience));
        }
        finally
        {
            Assert.All(clients, client => client.Dispose());
        }
    }

    [Fact]
    public async Task Sockets_that_are_closed_meanwhile_do_no_harm()
    {
        PoolSockets sockets = OpenDeferred("127.0.0.1:0");
        using Socket begun = Connect(sockets, "127.0.0.1");
        AwaitedTime time = new();
        Task<int> settled = sockets.WhenHandshakesSettledAsync(0, Patience, time, CancellationToken.None);
        await time.Waiting.WaitAsync(Patience);

        sockets.Dispose();

        Assert.Equal(0, await settled.WaitAsync(Patience)); // the kernel drops it when its timer fires
    }

    [Fact]
    public async Task The_wait_can_be_cancelled()
    {
        using PoolSockets sockets = OpenDeferred("127.0.0.1:0");
        using Socket begun = Connect(sockets, "127.0.0.1");
        using CancellationTokenSource cancellation = new();
        AwaitedTime time = new();
        Task<int> settled = sockets.WhenHandshakesSettledAsync(0, Patience, time, cancellation.Token);
        await time.Waiting.WaitAsync(Patience);

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => settled.WaitAsync(Patience));
    }

    [Fact]
    public void A_slot_or_a_limit_that_does_not_exist_is_refused()
    {
        using PoolSockets sockets = Open("127.0.0.1:0");

        Assert.Throws<ArgumentOutOfRangeException>(() => { _ = Wait(2, Patience); });
        Assert.Throws<ArgumentOutOfRangeException>(() => { _ = Wait(-1, Patience); });
        Assert.Throws<ArgumentOutOfRangeException>(() => { _ = Wait(0, Timeout.InfiniteTimeSpan); });

        Task<int> Wait(int slot, TimeSpan limit) => sockets.WhenHandshakesSettledAsync(slot, limit, TimeProvider.System, CancellationToken.None);
    }

    private static PoolSockets Open(params string[] addresses) => PoolSockets.Open(
        [.. addresses.Select((address, index) => ListenEndpoint.Parse($"e{index}", address))], 2, NullLogger.Instance);

    private static PoolSockets OpenDeferred(params string[] addresses)
    {
        const int Seconds = 60; // for which the kernel waits for data
        PoolSockets sockets = Open(addresses);
        foreach (ListeningSocket socket in sockets.Endpoints.SelectMany(Peer.All))
        {
            SocketOption.Set(socket, IPPROTO_TCP, TCP_DEFER_ACCEPT, Seconds, nameof(TCP_DEFER_ACCEPT));
        }

        return sockets;
    }

    private static Socket Connect(PoolSockets sockets, string address, int endpoint = 0) =>
        Peer.Connect(new IPEndPoint(IPAddress.Parse(address), ((IPEndPoint)sockets.Endpoints[endpoint].BoundEndPoint).Port));

    /// <summary>For who must not wait.</summary>
    private sealed class NoTime : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            throw new InvalidOperationException($"Waits for {dueTime}.");
    }
}
