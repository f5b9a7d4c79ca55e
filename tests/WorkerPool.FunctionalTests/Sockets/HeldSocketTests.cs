using System.Net.Sockets;
using WorkerPool.FunctionalTests.Support;
using WorkerPool.Interop;
using WorkerPool.Sockets;
using Xunit;
using static Tmds.Linux.LibC;

namespace WorkerPool.FunctionalTests.Sockets;

/// <summary>Invariant 1: as long as somebody holds the socket, its queue stays.</summary>
public sealed class HeldSocketTests
{
    [Fact]
    public void A_connection_that_waits_is_served_by_another_holder_after_one_has_closed_its_copy()
    {
        KernelSteering.Require();
        using EndpointSockets sockets = EndpointSockets.Open(ListenEndpoint.Parse("http", "127.0.0.1:0"), 2);
        Assert.True(sockets.Steer(Peer.Only(1)));
        Descriptor workers = new(SystemCall.Check(fcntl(sockets.Get(1).Number, F_DUPFD_CLOEXEC, 0), "fcntl"));
        using Socket waiting = Peer.Connect(sockets.BoundEndPoint);
        waiting.Send("hello"u8);

        workers.Dispose();

        AssertHears("hello", Peer.Accept(sockets.Get(1)));
        Assert.Equal([1], Peer.Spread(Peer.All(sockets), 20).Keys); // and it kept its place in the group
    }

    [Fact]
    public void A_connection_that_waits_is_served_by_a_worker_after_the_master_has_closed_its_socket()
    {
        KernelSteering.Require();
        using EndpointSockets sockets = EndpointSockets.Open(ListenEndpoint.Parse("http", "127.0.0.1:0"), 2);
        Assert.True(sockets.Steer(Peer.Only(1)));
        using Descriptor workers = new(SystemCall.Check(fcntl(sockets.Get(1).Number, F_DUPFD_CLOEXEC, 0), "fcntl"));
        using Socket waiting = Peer.Connect(sockets.BoundEndPoint);
        waiting.Send("hello"u8);

        sockets.CloseLast();

        Descriptor? connection = Peer.TryAccept(workers);
        Assert.NotNull(connection);
        AssertHears("hello", connection);
    }

    private static unsafe void AssertHears(string expected, Descriptor connection)
    {
        using (connection)
        {
            byte[] received = new byte[expected.Length];
            fixed (byte* bytes = received)
            {
                Assert.Equal(expected.Length, (int)read(connection.Number, bytes, received.Length)); // blocks until it is there
            }

            Assert.Equal(expected, System.Text.Encoding.ASCII.GetString(received));
        }
    }
}
