using System.Net;
using System.Net.Sockets;
using Tmds.Linux;
using WorkerPool.FunctionalTests.Support;
using WorkerPool.Interop;
using WorkerPool.Sockets;
using Xunit;
using static Tmds.Linux.LibC;

namespace WorkerPool.FunctionalTests.Sockets;

/// <summary>Every damage that a worker can do to a shared socket, done for real to another descriptor of it.</summary>
public sealed class SocketHealthTests
{
    public static TheoryData<string> Addresses => ["127.0.0.1:0", "0.0.0.0:0", "[::1]:0", "*:0"];

    private static int s_nextNumber = 700;

    [Theory]
    [MemberData(nameof(Addresses))]
    public void A_healthy_socket_is_left_alone(string address)
    {
        using EndpointSockets sockets = Open(address, 2);

        SocketHealthReport report = sockets.Heal(1);

        Assert.Empty(report.Healed);
        Assert.Null(report.Failure);
        Assert.False(report.Relistened);
    }

    [Theory]
    [MemberData(nameof(Addresses))]
    public void A_socket_that_was_shut_down_listens_again_on_its_port(string address) =>
        AssertRelistens(address, socket => Assert.Equal(0, shutdown(socket.Number, SHUT_RDWR)));

    [Theory]
    [MemberData(nameof(Addresses))]
    public void A_socket_that_was_disconnected_listens_again_on_its_port(string address) =>
        AssertRelistens(address, Disconnect);

    [Fact]
    public void After_healing_connections_end_gracefully_where_they_were_reset_before()
    {
        using EndpointSockets sockets = Open("127.0.0.1:0", 1);
        SetLingerToReset(sockets.Get(0));
        Assert.Throws<SocketException>(() => Peer.AssertServes(sockets.Get(0))); // the damage is real

        SocketHealthReport report = sockets.Heal(0);

        Assert.Contains("SO_LINGER", Assert.Single(report.Healed), StringComparison.Ordinal);
        Assert.False(report.Relistened);
        Peer.AssertServes(sockets.Get(0));
        Assert.Empty(sockets.Heal(0).Healed);
    }

    [Fact]
    public void A_socket_that_was_made_to_block_does_not_block_again()
    {
        using EndpointSockets sockets = Open("127.0.0.1:0", 1);
        Assert.Equal(0, fcntl(sockets.Get(0).Number, F_SETFL, 0));

        SocketHealthReport report = sockets.Heal(0);

        Assert.Contains("O_NONBLOCK", Assert.Single(report.Healed), StringComparison.Ordinal);
        Assert.Null(Peer.TryAccept(sockets.Get(0))); // would hang
        Peer.AssertServes(sockets.Get(0));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(50)]
    public void A_backlog_that_was_changed_is_restored_and_the_queue_is_kept(int changed)
    {
        KernelSteering.Require();
        ListenEndpoint endpoint = ListenEndpoint.Parse("http", "127.0.0.1:0");
        endpoint.Backlog = 20;
        using EndpointSockets sockets = EndpointSockets.Open(endpoint, 2);
        Assert.True(sockets.Steer(Peer.Only(0)));
        ListeningSocket socket = sockets.Get(0);
        using Socket waiting = Peer.Connect(socket.Address);
        Assert.Equal(0, listen(socket.Number, changed));

        SocketHealthReport report = sockets.Heal(0);

        Assert.Contains("backlog", Assert.Single(report.Healed), StringComparison.Ordinal);
        Assert.True(AcceptQueue.TryRead(socket, out int length, out int limit));
        Assert.Equal((1, 20), (length, limit));
        Peer.Accept(socket).Dispose();
        Assert.Equal([0], Peer.Spread(Peer.All(sockets), 20).Keys); // its place in the group too
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_a_Socket_that_is_disposed_while_it_accepts_leaves_behind_is_healed(bool closeOnExec)
    {
        KernelSteering.Require();
        using EndpointSockets sockets = Open("127.0.0.1:0", 2);
        int damaged = 0;
        for (int round = 0; round < 30; round++)
        {
            await AbuseAsync(sockets.Get(0), closeOnExec);
            SocketHealthReport report = sockets.Heal(0);
            damaged += report.Healed.Count;
            Assert.Null(report.Failure);
            Assert.True(sockets.Steer(Peer.Only(0)), sockets.SteeringRefusal);
            Peer.AssertServes(sockets.Get(0));
            Assert.Equal([0], Peer.Spread(Peer.All(sockets), 3).Keys);
        }

        Assert.NotEqual(0, damaged);
    }

    [Fact]
    public void A_lone_socket_whose_address_was_taken_meanwhile_is_reported()
    {
        using EndpointSockets sockets = Open(Peer.UniqueAddress(Peer.UniquePort()), 1);
        Assert.Equal(0, shutdown(sockets.Get(0).Number, SHUT_RDWR));
        ListeningSocket thief = ListeningSocket.Create(sockets.BoundEndPoint, "thief", 1);
        using (thief)
        {
            SocketOption.Enable(thief, SOL_SOCKET, SO_REUSEADDR, nameof(SO_REUSEADDR));
            thief.Bind(sockets.BoundEndPoint);
            thief.Listen();

            SocketHealthReport report = sockets.Heal(0);

            Assert.Empty(report.Healed);
            Assert.Contains("could not be made to listen again", report.Failure, StringComparison.Ordinal);
        }

        Assert.True(sockets.Heal(0).Relistened); // and the next check succeeds
        Peer.AssertServes(sockets.Get(0));
    }

    [Fact]
    public void The_length_of_the_queue_is_known()
    {
        using EndpointSockets sockets = Open("127.0.0.1:0", 1);
        using Socket one = Peer.Connect(sockets.BoundEndPoint);
        using Socket two = Peer.Connect(sockets.BoundEndPoint);

        Assert.Equal(2, SocketHealth.QueueLength(sockets.Get(0)));
        Peer.Accept(sockets.Get(0)).Dispose();
        Assert.Equal(1, SocketHealth.QueueLength(sockets.Get(0)));
    }

    private static void AssertRelistens(string address, Action<ListeningSocket> damage)
    {
        KernelSteering.Require();
        using EndpointSockets sockets = Open(address, 3);
        EndPoint before = sockets.BoundEndPoint;
        foreach (int slot in (int[])[0, 1, 0, 2])
        {
            damage(sockets.Get(slot));
            Assert.False(SocketHealth.IsListening(sockets.Get(slot)));

            SocketHealthReport report = sockets.Heal(slot);

            Assert.True(report.Relistened);
            Assert.Contains("ceased to listen", Assert.Single(report.Healed), StringComparison.Ordinal);
            Assert.Equal(before, sockets.Get(slot).ReadAddress());
            Assert.True(sockets.Steer(Peer.Only(slot)), sockets.SteeringRefusal);
            Assert.Equal([slot], Peer.Spread(Peer.All(sockets), 10).Keys);
            Peer.AssertServes(sockets.Get(slot));
            Assert.True(sockets.Steer([1, 1, 1]));
        }
    }

    // What a worker does that wraps the inherited descriptor in a Socket, and ends its accept loop by Dispose.
    private static async Task AbuseAsync(ListeningSocket socket, bool closeOnExec)
    {
        // Each time another number: the runtime's epoll keeps the old one, and would fail with EEXIST.
        int number = Interlocked.Increment(ref s_nextNumber);
        int copy = SystemCall.Check(fcntl(socket.Number, closeOnExec ? F_DUPFD_CLOEXEC : F_DUPFD, number), "fcntl(F_DUPFD)");
        Socket victim = new(new SafeSocketHandle(copy, ownsHandle: true));
        Task<Socket> accept = victim.AcceptAsync();
        victim.Dispose();
        await Assert.ThrowsAnyAsync<SocketException>(() => accept.WaitAsync(TimeSpan.FromSeconds(30))); // not: TimeoutException
    }

    private static unsafe void Disconnect(ListeningSocket socket)
    {
        sockaddr_storage unspecified = default; // AF_UNSPEC is 0
        Assert.Equal(0, connect(socket.Number, (sockaddr*)&unspecified, (uint)sizeof(sockaddr_storage)));
    }

    private static unsafe void SetLingerToReset(ListeningSocket socket)
    {
        linger reset = new() { l_onoff = 1, l_linger = 0 };
        Assert.Equal(0, setsockopt(socket.Number, SOL_SOCKET, SO_LINGER, &reset, (uint)sizeof(linger)));
    }

    private static EndpointSockets Open(string address, int slots) =>
        EndpointSockets.Open(ListenEndpoint.Parse("http", address), slots);
}
