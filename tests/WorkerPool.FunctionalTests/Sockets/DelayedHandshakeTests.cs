using Microsoft.Extensions.Logging.Abstractions;
using WorkerPool.FunctionalTests.Support;
using WorkerPool.Runtime;
using Xunit;

namespace WorkerPool.FunctionalTests.Sockets;

/// <summary>With clients whose packets come when the test says so. Root only; skipped where the kernel has no TUN devices.</summary>
public sealed class DelayedHandshakeTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public DelayedHandshakeTests() => KernelSteering.Require();

    [Fact]
    public void A_connection_whose_ACK_comes_after_the_steering_changed_is_waited_for_and_comes_to_the_slot_of_its_SYN() => Run("10.77.0.1:0", Late);

    [Fact]
    public void So_it_is_with_a_socket_for_IPv4_and_IPv6() => Run("*:0", Late);

    [Fact]
    public void Some_complete_some_give_up_and_the_rest_is_told_at_the_limit() => Run("10.77.0.1:0", (clients, sockets, port) =>
    {
        Assert.Null(sockets.Steer([0, 1]));
        uint[] begun = [.. Enumerable.Range(0, 30).Select(i => clients.Begin((ushort)(2000 + i), port))];
        Assert.Null(sockets.Steer([1, 0]));
        Task<int> settled = sockets.WhenHandshakesSettledAsync(1, TimeSpan.FromMilliseconds(300), TimeProvider.System, CancellationToken.None);

        for (ushort i = 0; i < 10; i++)
        {
            clients.Complete((ushort)(2000 + i), port, begun[i]);
            clients.GiveUp((ushort)(2010 + i), port);
        }

        Assert.Equal(10, Result(settled));
        Assert.Equal(10, sockets.QueueLength(1));
        Assert.Equal(0, sockets.QueueLength(0));
    });

    [Fact]
    public void A_handshake_by_SYN_cookie_is_not_in_flight_since_its_ACK_goes_where_connections_are_steered_to() => Run("10.77.0.1:0", (clients, sockets, port) =>
    {
        File.WriteAllText("/proc/sys/net/ipv4/tcp_syncookies", "2"); // always; of this namespace
        Assert.Null(sockets.Steer([0, 1]));
        uint begun = clients.Begin(2000, port);
        Assert.Null(sockets.Steer([1, 0]));

        Assert.Equal(0, Result(sockets.WhenHandshakesSettledAsync(1, TimeSpan.Zero, TimeProvider.System, CancellationToken.None)));
        clients.Complete(2000, port, begun);

        Assert.Equal((1, 0), (sockets.QueueLength(0), sockets.QueueLength(1)));
    });

    private static void Late(SlowClients clients, PoolSockets sockets, int port)
    {
        Assert.Null(sockets.Steer([0, 1]));
        uint begun = clients.Begin(2000, port);
        Assert.Null(sockets.Steer([1, 0]));
        AwaitedTime time = new();
        Task<int> settled = sockets.WhenHandshakesSettledAsync(1, Patience, time, CancellationToken.None);
        Assert.True(time.Waiting.Wait(Patience));
        uint later = clients.Begin(2001, port);
        Assert.False(settled.IsCompleted);

        clients.Complete(2000, port, begun);

        Assert.Equal(0, Result(settled)); // though the later one is in flight
        Assert.Equal((0, 1), (sockets.QueueLength(0), sockets.QueueLength(1)));
        clients.Complete(2001, port, later);
        Assert.Equal((1, 1), (sockets.QueueLength(0), sockets.QueueLength(1)));
    }

    private static int Result(Task<int> task)
    {
        Assert.True(task.Wait(Patience));
        return task.Result;
    }

    private static void Run(string address, Action<SlowClients, PoolSockets, int> test)
    {
        string? obstacle = null;
        PrivateThread.InNetworkNamespace(() =>
        {
            using SlowClients? clients = SlowClients.TryOpen(out obstacle);
            if (clients is not null)
            {
                using PoolSockets sockets = PoolSockets.Open([ListenEndpoint.Parse("http", address)], 2, NullLogger.Instance);
                test(clients, sockets, ((System.Net.IPEndPoint)sockets.Endpoints[0].BoundEndPoint).Port);
            }
        });
        Assert.SkipWhen(obstacle is not null, obstacle ?? "");
    }
}
