using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using WorkerPool.Interop;
using WorkerPool.Sockets;
using Xunit;
using static Tmds.Linux.LibC;

namespace WorkerPool.Tests.Sockets;

/// <summary>
/// The reserve is the tests' own: the runtime does not live long in a process that has really no descriptor left.
/// </summary>
[Collection(nameof(Alone))]
public sealed class ExhaustionTests : IDisposable
{
    private const long Plenty = int.MaxValue;
    private const long None = 0;

    private readonly TestListener _master = new();
    private readonly ConnectionTracker _tracker = new();
    private readonly Warnings _warnings = new();
    private readonly DescriptorReserve _reserve = new(Plenty);

    private static CancellationToken Deadline => new CancellationTokenSource(TimeSpan.FromSeconds(20)).Token;

    public void Dispose() => _master.Dispose();

    [Fact]
    public async Task When_the_reserve_is_reached_accepting_pauses_says_so_once_and_goes_on()
    {
        WorkerListener listener = Inherit(TimeProvider.System);
        using Socket first = _master.Connect();
        using Socket second = _master.Connect();
        _reserve.Limit(None);
        using Socket? one = await listener.AcceptAsync(Deadline); // it shows that the reserve is reached
        ValueTask<Socket?> accepting = listener.AcceptAsync(Deadline);
        await Task.Delay(3 * Acceptor.ExhaustionPause, Deadline); // for it to try again and fail again
        Assert.False(accepting.IsCompleted);
        Assert.Equal(1, _master.Waiting);

        _reserve.Limit(Plenty);
        using Socket? two = await accepting;
        Assert.Equal([first.LocalEndPoint, second.LocalEndPoint], [one!.RemoteEndPoint, two!.RemoteEndPoint]);
        string warning = Assert.Single(_warnings.Texts);
        Assert.Contains("EMFILE", warning, StringComparison.Ordinal);
        Assert.Contains("ulimit -n", warning, StringComparison.Ordinal);
        listener.Close();
    }

    [Fact]
    public async Task The_end_of_a_connection_ends_the_pause()
    {
        WorkerListener listener = Inherit(new StoppedClock());
        using Socket first = _master.Connect();
        using Socket second = _master.Connect();
        _reserve.Limit(None);
        Socket? one = await listener.AcceptAsync(Deadline);
        ValueTask<Socket?> accepting = listener.AcceptAsync(Deadline);
        Assert.False(accepting.IsCompleted);

        _reserve.Limit(Plenty);
        one!.Dispose();

        using Socket? two = await accepting;
        Assert.Equal(second.LocalEndPoint, two!.RemoteEndPoint);
        listener.Close();
    }

    [Fact]
    public async Task Waiting_to_be_opened_does_not_spin_and_can_be_cancelled()
    {
        WorkerListener listener = InheritClosed(TimeProvider.System);
        using Socket client = _master.Connect(); // the queue is readable: a loop that asked for that would spin
        using CancellationTokenSource cancel = new();
        ValueTask<Socket?> accepting = listener.AcceptAsync(cancel.Token);
        long before = WakeUpsOfReadinessThread();
        await Task.Delay(200, Deadline);
        Assert.InRange(WakeUpsOfReadinessThread() - before, 0, 100); // thousands, if it spun

        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => accepting.AsTask());
        listener.Close();
    }

    [Theory]
    [InlineData("stop")]
    [InlineData("pass")]
    [InlineData("cancel")]
    public async Task A_pause_ends_at_once_for_what_needs_no_descriptor(string what)
    {
        WorkerListener listener = Inherit(new StoppedClock());
        (Socket client, Descriptor passed) = _master.ConnectToMaster();
        using Socket first = _master.Connect();
        using CancellationTokenSource cancel = new();
        _reserve.Limit(None);
        using Socket? one = await listener.AcceptAsync(Deadline);
        ValueTask<Socket?> accepting = listener.AcceptAsync(cancel.Token);
        Assert.False(accepting.IsCompleted);
        switch (what)
        {
            case "stop":
                listener.Stop(takeQueue: false);
                Assert.Null(await accepting.AsTask().WaitAsync(Deadline));
                break;
            case "pass":
                Assert.True(listener.Inject(passed));
                using (Socket? socket = await accepting.AsTask().WaitAsync(Deadline))
                {
                    Assert.Equal(client.LocalEndPoint, socket!.RemoteEndPoint);
                }

                break;
            default:
                await cancel.CancelAsync();
                await Assert.ThrowsAnyAsync<OperationCanceledException>(() => accepting.AsTask().WaitAsync(Deadline));
                break;
        }

        listener.Close();
        passed.Dispose();
        client.Dispose();
    }

    // proc(5): how often the thread that waits in epoll_wait has gone to sleep.
    private static long WakeUpsOfReadinessThread()
    {
        string thread = Directory.EnumerateDirectories("/proc/self/task")
            .Single(task => File.ReadAllText(task + "/comm").StartsWith("WorkerPool read", StringComparison.Ordinal));
        string line = File.ReadLines(thread + "/status").Single(line => line.StartsWith("voluntary_ctxt_switches:", StringComparison.Ordinal));
        return long.Parse(line.Split(':')[1], System.Globalization.CultureInfo.InvariantCulture);
    }

    private WorkerListener Inherit(TimeProvider time)
    {
        WorkerListener listener = InheritClosed(time);
        listener.Open();
        return listener;
    }

    private WorkerListener InheritClosed(TimeProvider time) => new("test", _master.Inherit(), _tracker, _warnings, time, _reserve);

    /// <summary>Its timers never fire.</summary>
    private sealed class StoppedClock : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => new Timer();

        private sealed class Timer : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose()
            {
            }

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }

    private sealed class Warnings : ILogger
    {
        private readonly TaskCompletionSource _first = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public List<string> Texts { get; } = [];

        public Task First => _first.Task;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            Texts.Add($"{logLevel}: {formatter(state, exception)}");
            _first.TrySetResult();
        }
    }
}
