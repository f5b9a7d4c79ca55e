using WorkerPool.Control;
using WorkerPool.Interop;
using Xunit;
using static Tmds.Linux.LibC;

namespace WorkerPool.Tests.Control;

public sealed class ControlChannelTests : IAsyncDisposable
{
    private readonly ControlChannel _master;
    private readonly Descriptor _worker;

    public ControlChannelTests() => (_master, _worker) = ControlChannel.CreatePair();

    private static CancellationToken Deadline => new CancellationTokenSource(TimeSpan.FromSeconds(20)).Token;

    public async ValueTask DisposeAsync()
    {
        await _master.DisposeAsync();
        _worker.Dispose();
    }

    [Fact]
    public async Task Both_sides_talk()
    {
        await using ControlChannel worker = new(_worker);

        await worker.SendAsync(new Hello(1, 1, "tests"));
        await _master.SendAsync(new Refuse("because"));

        Assert.Equal(new Hello(1, 1, "tests"), await NextAsync(_master));
        Assert.Equal(new Refuse("because"), await NextAsync(worker));
    }

    [Fact]
    public async Task What_was_sent_before_the_end_is_read_and_then_the_end()
    {
        ControlChannel worker = new(_worker);
        await worker.SendAsync(new Ready());
        await worker.SendAsync(new Report(0, 9));
        await worker.DisposeAsync();

        Assert.Equal([new Ready(), new Report(0, 9)], await RestAsync(_master));
    }

    [Fact]
    public async Task A_peer_that_ends_without_having_read_counts_as_an_end()
    {
        await _master.SendAsync(new Stop());
        _worker.Dispose();

        Assert.Empty(await RestAsync(_master));
    }

    [Fact]
    public async Task Sending_to_a_peer_that_is_gone_says_so()
    {
        _worker.Dispose();

        IOException exception = await Assert.ThrowsAsync<IOException>(() => _master.SendAsync(new Stop()).AsTask());

        Assert.Contains("gone", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Disposing_ends_a_pending_read_quietly()
    {
        Task<List<ControlMessage>> reading = RestAsync(_master);

        await _master.DisposeAsync();

        Assert.Empty(await reading);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => _master.SendAsync(new Stop()).AsTask());
    }

    [Fact]
    public async Task Cancelling_a_read_loses_nothing()
    {
        using CancellationTokenSource cancel = new();
        Task<ControlMessage?> reading = NextAsync(_master, cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);

        Write(Frames.Of(new Ready()));

        Assert.Equal(new Ready(), await NextAsync(_master));
    }

    [Fact]
    public async Task Concurrent_sends_do_not_interleave()
    {
        const int senders = 4, each = 500;
        await using ControlChannel worker = new(_worker);
        Task<List<ControlMessage>> reading = RestAsync(_master);

        await Task.WhenAll(Enumerable.Range(0, senders).Select(sender => Task.Run(async () =>
        {
            for (int i = 0; i < each; i++)
            {
                await worker.SendAsync(new Report(sender, i));
                await worker.WhenSentAsync();
            }
        })));
        await worker.WhenSentAsync();
        await worker.DisposeAsync();

        List<ControlMessage> messages = await reading;
        Assert.Equal(senders * each, messages.Count);
        Assert.All(
            messages.Cast<Report>().GroupBy(report => report.Connections),
            group => Assert.Equal(Enumerable.Range(0, each).Select(i => (long)i), group.Select(report => report.Accepted)));
    }

    [Fact]
    public async Task A_peer_that_never_reads_neither_blocks_the_sender_nor_makes_it_grow()
    {
        Refuse large = new(new string('x', 10_000));
        int sent = 0;

        ProtocolViolationException violation = await Assert.ThrowsAsync<ProtocolViolationException>(async () =>
        {
            while (true)
            {
                Task sending = _master.SendAsync(large).AsTask();
                Assert.True(sending.IsCompleted);
                await sending;
                sent++;
            }
        });

        Assert.Contains("does not read", violation.Message, StringComparison.Ordinal);
        Assert.InRange(sent, 1, 1_000);
        await Assert.ThrowsAsync<ProtocolViolationException>(() => _master.SendAsync(new Stop()).AsTask());
    }

    [Fact]
    public async Task A_peer_that_reads_late_gets_everything_in_order()
    {
        List<string> sent = [];
        for (int i = 0; i < 1_000; i++)
        {
            string text = $"{i} {new string('x', 3_000)}";
            try
            {
                await _master.SendAsync(new Refuse(text));
                sent.Add(text);
            }
            catch (ProtocolViolationException)
            {
                break;
            }
        }

        await using ControlChannel worker = new(_worker);
        List<string> received = [];
        await foreach (ControlMessage message in worker.ReadAllAsync(Deadline))
        {
            received.Add(((Refuse)message).Reason);
            if (received.Count == sent.Count)
            {
                break;
            }
        }

        Assert.Equal(sent, received);
    }

    [Fact]
    public async Task Garbage_from_the_peer_is_a_violation()
    {
        Write("GET / HTTP/1.1\r\n\r\n"u8.ToArray());

        ProtocolViolationException violation = await Assert.ThrowsAsync<ProtocolViolationException>(() => NextAsync(_master));

        Assert.Contains("542393671", violation.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_worker_end_closes_on_exec_until_the_spawn_gives_it_away() =>
        Assert.Equal(FD_CLOEXEC, fcntl(_worker.Number, F_GETFD));

    private unsafe void Write(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            fixed (byte* start = bytes)
            {
                bytes = bytes[SystemCall.Check((int)(long)send(_worker.Number, start, bytes.Length, MSG_NOSIGNAL), "send")..];
            }
        }
    }

    private static async Task<ControlMessage?> NextAsync(ControlChannel channel, CancellationToken cancellationToken = default)
    {
        await foreach (ControlMessage message in channel.ReadAllAsync(cancellationToken.CanBeCanceled ? cancellationToken : Deadline))
        {
            return message;
        }

        return null;
    }

    private static async Task<List<ControlMessage>> RestAsync(ControlChannel channel)
    {
        List<ControlMessage> messages = [];
        await foreach (ControlMessage message in channel.ReadAllAsync(Deadline))
        {
            messages.Add(message);
        }

        return messages;
    }
}
