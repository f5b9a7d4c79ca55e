using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging.Abstractions;
using WorkerPool.Interop;
using WorkerPool.Sockets;
using Xunit;
using static Tmds.Linux.LibC;

namespace WorkerPool.Tests.Sockets;

public sealed class WorkerListenerTests : IDisposable
{
    private readonly TestListener _master = new();
    private readonly ConnectionTracker _tracker = new();
    private readonly WorkerListener _listener;

    public WorkerListenerTests() => _listener = Inherit(_master);

    private static CancellationToken Deadline => new CancellationTokenSource(TimeSpan.FromSeconds(20)).Token;

    public void Dispose()
    {
        _listener.Close();
        _master.Dispose();
    }

    [Fact]
    public async Task A_connection_is_accepted_counted_and_counted_out()
    {
        using Socket client = _master.Connect();
        using (Socket socket = (await _listener.AcceptAsync(Deadline))!)
        {
            Assert.Equal(client.LocalEndPoint, socket.RemoteEndPoint);
            Assert.Equal(_listener.LocalEndPoint, socket.LocalEndPoint);
            Assert.Equal(1, _tracker.Live);
            socket.Dispose();
            Assert.Equal(0, _tracker.Live);
        }

        Assert.Equal((0, 1L), (_tracker.Live, _tracker.Accepted));
    }

    [Fact]
    public async Task A_pending_accept_gets_the_next_connection()
    {
        ValueTask<Socket?> accepting = _listener.AcceptAsync(Deadline);
        Assert.False(accepting.IsCompleted);
        using Socket client = _master.Connect();

        using Socket? socket = await accepting;

        Assert.NotNull(socket);
    }

    [Fact]
    public async Task What_nobody_asked_for_waits_in_the_queue_for_the_successor()
    {
        using Socket first = _master.Connect();
        using Socket second = _master.Connect();
        using Socket? accepted = await _listener.AcceptAsync(Deadline);
        Assert.Equal(1, _master.Waiting);

        _listener.Stop(takeQueue: false);
        Assert.Null(await _listener.AcceptAsync(Deadline));
        WorkerListener successor = Inherit(_master);
        using Socket? served = await successor.AcceptAsync(Deadline);

        Assert.Equal(second.LocalEndPoint, served!.RemoteEndPoint);
        successor.Close();
    }

    [Fact]
    public async Task Until_it_is_opened_a_listener_leaves_the_queue_alone_and_gives_what_is_passed()
    {
        WorkerListener held = InheritClosed(_master);
        using Socket queuedClient = _master.Connect();
        ValueTask<Socket?> accepting = held.AcceptAsync(Deadline);
        (Socket passedClient, Descriptor passed) = ConnectElsewhere();
        Assert.True(held.Inject(passed));
        using Socket? first = await accepting;
        Assert.Equal(passedClient.LocalEndPoint, first!.RemoteEndPoint);

        ValueTask<Socket?> acceptingNext = held.AcceptAsync(Deadline);
        Assert.False(acceptingNext.IsCompleted);
        Assert.Equal(1, _master.Waiting);
        held.Open();
        using Socket? second = await acceptingNext;

        Assert.Equal(queuedClient.LocalEndPoint, second!.RemoteEndPoint);
        passedClient.Dispose();
        held.Close();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_listener_that_was_never_opened_takes_the_queue_only_if_the_stop_says_so(bool takeQueue)
    {
        WorkerListener held = InheritClosed(_master);
        using Socket client = _master.Connect();
        ValueTask<Socket?> accepting = held.AcceptAsync(Deadline);
        held.Stop(takeQueue);

        using Socket? socket = await accepting;

        Assert.Equal(takeQueue ? client.LocalEndPoint : null, socket?.RemoteEndPoint);
        Assert.Null(await held.AcceptAsync(Deadline));
        Assert.Equal(takeQueue ? 0 : 1, _master.Waiting);
        held.Open(); // too late, and harmless
        Assert.Null(await held.AcceptAsync(Deadline));
    }

    [Fact]
    public async Task The_loop_ends_quietly_when_the_drain_begins()
    {
        using Socket client = _master.Connect();
        List<Socket> accepted = [];
        await foreach (Socket socket in _listener.AcceptAllAsync(Deadline))
        {
            accepted.Add(socket);
            _ = Task.Run(() => _listener.Stop(takeQueue: false));
        }

        Assert.Single(accepted).Dispose();
    }

    [Fact]
    public async Task Stopping_leaves_the_shared_socket_as_it_was()
    {
        ValueTask<Socket?> pending = _listener.AcceptAsync(Deadline);
        _listener.Stop(takeQueue: false);

        Assert.Null(await pending);
        Assert.Equal(1, Option(SO_ACCEPTCONN));
        Assert.Equal(0, Option(SO_LINGER));
        using Socket client = _master.Connect();
        Assert.Equal(1, _master.Waiting);
    }

    [Fact]
    public async Task Taking_the_queue_gives_what_waited_and_leaves_what_comes_later()
    {
        using Socket first = _master.Connect();
        using Socket second = _master.Connect();
        _listener.Stop(takeQueue: true);
        using Socket late = _master.Connect();

        using Socket? one = await _listener.AcceptAsync(Deadline);
        using Socket? two = await _listener.AcceptAsync(Deadline);

        Assert.Equal([first.LocalEndPoint, second.LocalEndPoint], [one!.RemoteEndPoint, two!.RemoteEndPoint]);
        Assert.Null(await _listener.AcceptAsync(Deadline));
        Assert.Equal(1, _master.Waiting);
    }

    [Fact]
    public async Task Taking_an_empty_queue_ends_a_pending_accept()
    {
        ValueTask<Socket?> pending = _listener.AcceptAsync(Deadline);
        _listener.Stop(takeQueue: true);

        Assert.Null(await pending);
    }

    [Fact]
    public async Task Taking_the_queue_can_be_cut_short()
    {
        using Socket first = _master.Connect();
        using Socket second = _master.Connect();
        _listener.Stop(takeQueue: true);
        using Socket? one = await _listener.AcceptAsync(Deadline);
        _listener.Stop(takeQueue: false);

        Assert.NotNull(one);
        Assert.Null(await _listener.AcceptAsync(Deadline));
        Assert.Equal(1, _master.Waiting);
    }

    [Fact]
    public async Task Cancelling_throws_and_loses_no_connection()
    {
        using CancellationTokenSource cancel = new();
        ValueTask<Socket?> pending = _listener.AcceptAsync(cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pending.AsTask());
        using Socket client = _master.Connect();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _listener.AcceptAsync(cancel.Token).AsTask());

        using Socket? socket = await _listener.AcceptAsync(Deadline);

        Assert.Equal(client.LocalEndPoint, socket!.RemoteEndPoint);
    }

    [Fact]
    public async Task A_second_loop_is_refused_and_the_first_goes_on()
    {
        ValueTask<Socket?> pending = _listener.AcceptAsync(Deadline);

        InvalidOperationException refusal =
            await Assert.ThrowsAsync<InvalidOperationException>(() => _listener.AcceptAsync(Deadline).AsTask());

        Assert.Contains("\"test\"", refusal.Message, StringComparison.Ordinal);
        using Socket client = _master.Connect();
        using Socket? socket = await pending;
        Assert.NotNull(socket);
    }

    [Fact]
    public async Task A_passed_connection_comes_before_those_of_the_queue_and_counts_at_once()
    {
        (Socket passedClient, Descriptor passed) = _master.ConnectToMaster();
        using Socket queuedClient = _master.Connect();
        Assert.True(_listener.Inject(passed));
        Assert.Equal(1, _tracker.Live);

        using Socket? first = await _listener.AcceptAsync(Deadline);
        using Socket? second = await _listener.AcceptAsync(Deadline);

        Assert.Equal([passedClient.LocalEndPoint, queuedClient.LocalEndPoint], [first!.RemoteEndPoint, second!.RemoteEndPoint]);
        passedClient.Dispose();
    }

    [Fact]
    public async Task A_passed_connection_wakes_a_pending_accept()
    {
        ValueTask<Socket?> pending = _listener.AcceptAsync(Deadline);
        using TestListener other = new();
        (Socket client, Descriptor passed) = other.ConnectToMaster();
        Assert.True(_listener.Inject(passed));

        using Socket? socket = await pending;

        Assert.Equal(client.LocalEndPoint, socket!.RemoteEndPoint);
        client.Dispose();
    }

    [Fact]
    public async Task Passed_connections_are_delivered_after_the_stop_and_refused_after_the_end()
    {
        (Socket client, Descriptor passed) = _master.ConnectToMaster();
        (Socket lateClient, Descriptor latePassed) = _master.ConnectToMaster();
        _listener.Inject(passed);
        _listener.Stop(takeQueue: false);

        using Socket? socket = await _listener.AcceptAsync(Deadline);
        Assert.Equal(client.LocalEndPoint, socket!.RemoteEndPoint);
        Assert.Null(await _listener.AcceptAsync(Deadline));
        Assert.False(_listener.Inject(latePassed));

        Assert.False(latePassed.IsClosed);
        latePassed.Dispose();
        client.Dispose();
        lateClient.Dispose();
    }

    [Fact]
    public async Task Closing_ends_what_was_passed_and_not_taken()
    {
        (Socket client, Descriptor passed) = _master.ConnectToMaster();
        _listener.Inject(passed);
        _listener.Close();

        await _tracker.WhenNoneAsync(Deadline);
        Assert.Equal(0, await client.ReceiveAsync(new byte[1], Deadline));
        client.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Synchronous_calls_on_a_connection_block_as_on_any_socket(bool passed)
    {
        Socket? client;
        if (passed)
        {
            (client, Descriptor descriptor) = _master.ConnectToMaster();
            _listener.Inject(descriptor);
        }
        else
        {
            client = _master.Connect();
        }

        using Socket? socket = await _listener.AcceptAsync(Deadline);
        Task<int> receiving = Task.Run(() => socket!.Receive(new byte[8]));
        Assert.True(socket!.Blocking);
        await Task.WhenAny(receiving, Task.Delay(50));
        client.Send("hello"u8);

        Assert.Equal(5, await receiving.WaitAsync(Deadline));
        client.Dispose();
    }

    [Fact]
    public async Task A_connection_that_the_client_reset_in_the_queue_is_skipped()
    {
        Socket dead = _master.Connect();
        dead.LingerState = new LingerOption(enable: true, seconds: 0);
        dead.Dispose();
        using Socket alive = _master.Connect();

        using Socket? socket = await _listener.AcceptAsync(Deadline);

        Assert.Equal(alive.LocalEndPoint, socket!.RemoteEndPoint);
        Assert.Equal(1, _tracker.Live);
    }

    [Fact]
    public async Task A_socket_that_is_forgotten_counts_as_ended_when_it_is_collected()
    {
        using Socket client = _master.Connect();
        await AcceptAndForgetAsync();
        for (int i = 0; _tracker.Live > 0 && i < 100; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.Equal(0, _tracker.Live);
    }

    [Fact]
    public async Task A_listener_that_somebody_shut_down_is_an_error_of_the_accept()
    {
        ValueTask<Socket?> pending = _listener.AcceptAsync(Deadline);
        SystemCall.Check(shutdown(_master.Master.Number, SHUT_RDWR), "shutdown");

        SystemCallException failure = await Assert.ThrowsAsync<SystemCallException>(() => pending.AsTask());

        Assert.Equal(EINVAL, failure.ErrorNumber);
    }

    [Fact]
    public async Task Many_stops_in_the_middle_of_a_storm_lose_nothing()
    {
        const int Rounds = 200, PerRound = 10;
        int served = 0;
        Task connecting = Task.Run(() =>
        {
            for (int i = 0; i < Rounds * PerRound; i++)
            {
                using Socket client = _master.Connect();
                Assert.Equal(1, client.Receive(new byte[1]));
            }
        });

        for (int round = 0; served < Rounds * PerRound; round++)
        {
            WorkerListener listener = Inherit(_master);
            await foreach (Socket socket in listener.AcceptAllAsync(Deadline))
            {
                socket.Send([1]);
                socket.Dispose();
                if (++served % PerRound == 0)
                {
                    _ = Task.Run(() => listener.Stop(takeQueue: round % 2 == 0));
                }

                if (served == Rounds * PerRound)
                {
                    break;
                }
            }

            listener.Close();
        }

        await connecting.WaitAsync(Deadline);
        Assert.Equal((0, (long)Rounds * PerRound), (_tracker.Live, _tracker.Accepted));
    }

    [Fact]
    public void A_descriptor_that_does_not_listen_is_refused()
    {
        using Socket client = _master.Connect();

        ArgumentException refusal = Assert.Throws<ArgumentException>(() => new InheritedListener((int)client.Handle));

        Assert.Contains("does not listen", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_listener_that_blocks_is_refused()
    {
        using TestListener blocking = new(new IPEndPoint(IPAddress.Loopback, 0), nonBlocking: false);

        ArgumentException refusal = Assert.Throws<ArgumentException>(() => new InheritedListener(blocking.Master.Number));

        Assert.Contains("SOCK_NONBLOCK", refusal.Message, StringComparison.Ordinal);
    }

    private WorkerListener Inherit(TestListener master)
    {
        WorkerListener listener = InheritClosed(master);
        listener.Open();
        return listener;
    }

    private WorkerListener InheritClosed(TestListener master) =>
        new("test", master.Inherit(), _tracker, NullLogger.Instance, TimeProvider.System);

    private static (Socket Client, Descriptor Accepted) ConnectElsewhere()
    {
        using TestListener other = new();
        return other.ConnectToMaster();
    }

    private unsafe int Option(int option)
    {
        int value = -1;
        Tmds.Linux.socklen_t size = sizeof(int);
        SystemCall.Check(getsockopt(_master.Master.Number, SOL_SOCKET, option, &value, &size), "getsockopt");
        return value;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private async Task AcceptAndForgetAsync() => Assert.NotNull(await _listener.AcceptAsync(Deadline));
}
