using System.Collections.Concurrent;
using System.Net.Sockets;
using WorkerPool.Interop;
using WorkerPool.Sockets;
using Xunit;
using static Tmds.Linux.LibC;

namespace WorkerPool.FunctionalTests.Sockets;

public sealed class UnixEndpointTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("pool-").FullName;
    private readonly string _path;

    public UnixEndpointTests() => _path = Path.Combine(_directory, "app.sock");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void All_slots_share_one_socket()
    {
        using EndpointSockets sockets = Open(3);
        ListeningSocket socket = sockets.Get(0);
        sockets.GrowTo(5);

        Assert.True(sockets.IsShared);
        Assert.All(Peer.All(sockets), other => Assert.Same(socket, other));
        sockets.ShrinkTo(1);
        Assert.True(sockets.Steer(Peer.Only(0)));
        Assert.Empty(sockets.Heal(0).Healed);
        Assert.Null(SocketHealth.QueueLength(socket));
        Peer.AssertServes(socket);
    }

    [Fact]
    public void The_file_is_gone_when_the_pool_is()
    {
        Open(1).Dispose();

        Assert.Empty(Directory.GetFileSystemEntries(_directory));
    }

    [Theory]
    [InlineData("660")]
    [InlineData("600")]
    [InlineData("777")]
    public void The_file_has_exactly_the_mode_that_was_asked_for(string octal)
    {
        ListenEndpoint endpoint = ListenEndpoint.Parse("http", "unix:" + _path);
        endpoint.UnixMode = (UnixFileMode)Convert.ToInt32(octal, 8);

        using EndpointSockets sockets = EndpointSockets.Open(endpoint, 1);

        Assert.Equal(endpoint.UnixMode, File.GetUnixFileMode(_path));
    }

    [Fact]
    public void The_mode_of_the_file_is_narrow_from_the_moment_of_bind()
    {
        UnixDomainSocketEndPoint address = new(_path);
        using ListeningSocket socket = ListeningSocket.Create(address, "http", 1);
        Assert.Equal(0, fchmod(socket.Number, (Tmds.Linux.mode_t)0u));

        socket.Bind(address);

        Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(_path)); // the rule of unix_bind that we build on
    }

    [Fact]
    public void A_stale_socket_file_is_taken_over()
    {
        LeaveStaleFile();

        using EndpointSockets sockets = Open(1);

        Peer.AssertServes(sockets.Get(0));
    }

    [Fact]
    public void A_socket_that_somebody_listens_on_is_not_taken()
    {
        using EndpointSockets first = Open(1);

        SystemCallException exception = Assert.Throws<SystemCallException>(() => Open(1));

        Assert.Equal(EADDRINUSE, exception.ErrorNumber);
        Assert.Contains($"This very process listens on unix:{_path}", exception.Message, StringComparison.Ordinal);
        Peer.Accept(first.Get(0)).Dispose(); // the other's question whether somebody listens
        Peer.AssertServes(first.Get(0));
    }

    [Fact]
    public void A_listener_whose_queue_is_full_is_not_taken_for_stale()
    {
        ListenEndpoint endpoint = ListenEndpoint.Parse("http", "unix:" + _path);
        endpoint.Backlog = 1;
        using EndpointSockets first = EndpointSockets.Open(endpoint, 1);
        using Socket one = Peer.Connect(first.BoundEndPoint);
        using Socket two = Peer.Connect(first.BoundEndPoint);

        Assert.Equal(EADDRINUSE, Assert.Throws<SystemCallException>(() => Open(1)).ErrorNumber);
    }

    [Fact]
    public void A_file_that_is_not_a_socket_is_left_alone()
    {
        File.WriteAllText(_path, "precious");

        SystemCallException exception = Assert.Throws<SystemCallException>(() => Open(1));

        Assert.Contains("not a socket", exception.Message, StringComparison.Ordinal);
        Assert.Equal("precious", File.ReadAllText(_path));
    }

    [Fact]
    public void A_directory_that_does_not_exist_is_explained()
    {
        SystemCallException exception = Assert.Throws<SystemCallException>(
            () => EndpointSockets.Open(ListenEndpoint.Parse("http", $"unix:{_directory}/none/app.sock"), 1));

        Assert.Equal(ENOENT, exception.ErrorNumber);
        Assert.Contains("must exist", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_another_master_put_in_place_is_not_removed()
    {
        using EndpointSockets first = Open(1);
        File.Delete(_path);
        using EndpointSockets second = Open(1);

        first.Dispose();

        Peer.AssertServes(second.Get(0));
    }

    [Fact]
    public void Of_three_that_take_over_a_stale_file_at_the_same_instant_exactly_one_wins()
    {
        using Barrier barrier = new(3);
        ConcurrentBag<Exception> failures = [];
        for (int round = 0; round < 50; round++)
        {
            LeaveStaleFile();
            EndpointSockets?[] opened = new EndpointSockets?[3];
            Thread[] threads = [.. Enumerable.Range(0, 3).Select(i => new Thread(() =>
            {
                barrier.SignalAndWait();
                opened[i] = TryOpen(failures);
            }))];
            Array.ForEach(threads, thread => thread.Start());
            Array.ForEach(threads, thread => thread.Join());

            Assert.All(failures, e => Assert.Equal(EADDRINUSE, (e as SystemCallException)?.ErrorNumber));
            Assert.Single(opened, sockets => sockets is not null);
            Array.ForEach(opened, sockets => sockets?.Dispose());
        }
    }

    [Fact]
    public void A_stale_file_is_not_touched_while_another_master_has_locked_the_directory()
    {
        LeaveStaleFile();
        using (DirectoryLock.Acquire(_directory))
        {
            SystemCallException exception = Assert.Throws<SystemCallException>(() => Open(1)); // after the 5 s that it waits

            Assert.Contains("keeps the directory locked", exception.Message, StringComparison.Ordinal);
            Assert.True(File.Exists(_path));
        }

        using EndpointSockets sockets = Open(1);
        Peer.AssertServes(sockets.Get(0));
    }

    [Fact]
    public void An_abstract_address_needs_no_file_and_belongs_to_one()
    {
        ListenEndpoint endpoint = ListenEndpoint.Parse("http", $"unix:@pool-{Guid.NewGuid():N}");
        using (EndpointSockets sockets = EndpointSockets.Open(endpoint, 2))
        {
            Peer.AssertServes(sockets.Get(1));
            SystemCallException exception = Assert.Throws<SystemCallException>(() => EndpointSockets.Open(endpoint, 1));
            Assert.Equal(EADDRINUSE, exception.ErrorNumber);
            Assert.Contains("This very process", exception.Message, StringComparison.Ordinal);
        }

        using EndpointSockets again = EndpointSockets.Open(endpoint, 1);
        Peer.AssertServes(again.Get(0));
    }

    [Fact]
    public void A_Unix_socket_that_was_shut_down_is_reported_as_lost()
    {
        using EndpointSockets sockets = Open(2);
        Assert.Equal(0, shutdown(sockets.Get(0).Number, SHUT_RDWR));
        Assert.Throws<SocketException>(() => Peer.Connect(sockets.BoundEndPoint)); // the damage is real

        SocketHealthReport report = sockets.Heal(1);

        Assert.Contains("cannot be made to listen again", report.Failure, StringComparison.Ordinal);
    }

    [Fact]
    public void A_refusal_to_steer_a_Unix_socket_is_told()
    {
        using EndpointSockets sockets = Open(1);

        Assert.False(Steering.TryAttach(sockets.Get(0), SteeringProgram.Compile(Peer.Only(0)), out string? refusal));
        Assert.NotEmpty(refusal);
    }

    private EndpointSockets? TryOpen(ConcurrentBag<Exception> failures)
    {
        try
        {
            return Open(1);
        }
        catch (Exception e)
        {
            failures.Add(e); // it would end the process if it left the thread
            return null;
        }
    }

    // As a master leaves it that was killed: closed, not removed.
    private void LeaveStaleFile()
    {
        UnixDomainSocketEndPoint address = new(_path);
        using ListeningSocket socket = ListeningSocket.Create(address, "stale", 1);
        socket.Bind(address);
        socket.Listen();
    }

    private EndpointSockets Open(int slots) => EndpointSockets.Open(ListenEndpoint.Parse("http", "unix:" + _path), slots);
}
