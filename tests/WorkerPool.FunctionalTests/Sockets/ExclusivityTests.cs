using System.Collections.Concurrent;
using System.Net;
using WorkerPool.Sockets;
using Xunit;
using static Tmds.Linux.LibC;

namespace WorkerPool.FunctionalTests.Sockets;

/// <summary>SO_REUSEPORT, and yet nobody else of the same user joins unnoticed.</summary>
public sealed class ExclusivityTests
{
    [Theory]
    [InlineData(1, "127.0.0.1", "127.0.0.1")]
    [InlineData(3, "127.0.0.1", "127.0.0.1")]
    [InlineData(1, "0.0.0.0", "127.0.0.1")]
    [InlineData(3, "127.0.0.1", "0.0.0.0")]
    [InlineData(3, "[::1]", "[::1]")]
    [InlineData(3, "[::]", "[::1]")]
    [InlineData(3, "*", "127.0.0.1")]
    [InlineData(3, "127.0.0.1", "*")]
    public void A_second_pool_is_refused_and_told_who_listens(int slots, string first, string second)
    {
        using EndpointSockets sockets = Open($"{first}:0", slots);
        string address = $"{second}:{((IPEndPoint)sockets.BoundEndPoint).Port}";

        SystemCallException exception = Assert.Throws<SystemCallException>(() => Open(address, slots));

        Assert.Equal(EADDRINUSE, exception.ErrorNumber);
        Assert.Contains("This very process listens on", exception.Message, StringComparison.Ordinal);
        Assert.Equal(slots, Peer.Spread(Peer.All(sockets), slots * 30).Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_pool_does_not_join_another_server_whether_it_shares_its_port_or_not(bool reusePort)
    {
        using ListeningSocket other = Foreign(IPEndPoint.Parse("127.0.0.1:0"), reusePort);
        other.Listen();

        SystemCallException exception = Assert.Throws<SystemCallException>(() => Open(other.Address.ToString()!, 2));

        Assert.Equal(EADDRINUSE, exception.ErrorNumber);
    }

    [Fact]
    public void Of_two_that_have_bound_only_one_can_listen_and_the_other_can_after_it()
    {
        IPEndPoint address = IPEndPoint.Parse(Peer.UniqueAddress(Peer.UniquePort()));
        using ListeningSocket one = Foreign(address, reusePort: false);
        using ListeningSocket other = Foreign(address, reusePort: false);
        one.Listen();

        Assert.Equal(EADDRINUSE, Assert.Throws<SystemCallException>(other.Listen).ErrorNumber);

        one.Dispose();
        other.Listen();
        Peer.AssertServes(other);
    }

    [Fact]
    public void Of_three_that_open_at_the_same_instant_exactly_one_wins()
    {
        const int Rounds = 200;
        const int Contenders = 3;
        string address = Peer.UniqueAddress(Peer.UniquePort());
        using Barrier barrier = new(Contenders);
        ConcurrentBag<Exception> failures = [];
        int[] winners = new int[Rounds];

        Thread[] threads = [.. Enumerable.Range(0, Contenders).Select(_ => new Thread(() => Contend(address, barrier, winners, failures)))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());

        Assert.Empty(failures);
        Assert.All(winners, count => Assert.Equal(1, count));
    }

    [Fact]
    public void A_pool_of_one_slot_can_grow_later()
    {
        using EndpointSockets sockets = Open("127.0.0.1:0", 1);
        Assert.Equal(0, Peer.IndexOfNext(Peer.All(sockets)));

        sockets.GrowTo(3);

        Assert.Equal(3, Peer.Spread(Peer.All(sockets), 100).Count);
    }

    private static void Contend(string address, Barrier barrier, int[] winners, ConcurrentBag<Exception> failures)
    {
        for (int round = 0; round < winners.Length; round++)
        {
            barrier.SignalAndWait();
            EndpointSockets? sockets = null;
            try
            {
                sockets = Open(address, 2);
                Interlocked.Increment(ref winners[round]);
            }
            catch (SystemCallException e) when (e.ErrorNumber == EADDRINUSE)
            {
            }
            catch (Exception e)
            {
                failures.Add(e);
            }

            barrier.SignalAndWait();
            sockets?.Dispose();
        }
    }

    private static ListeningSocket Foreign(IPEndPoint address, bool reusePort)
    {
        ListeningSocket socket = ListeningSocket.Create(address, "foreign", 16);
        SocketOption.Enable(socket, SOL_SOCKET, SO_REUSEADDR, nameof(SO_REUSEADDR));
        SocketOption.Set(socket, SOL_SOCKET, SO_REUSEPORT, reusePort ? 1 : 0, nameof(SO_REUSEPORT));
        socket.Bind(address);
        return socket;
    }

    private static EndpointSockets Open(string address, int slots) =>
        EndpointSockets.Open(ListenEndpoint.Parse("http", address), slots);
}
