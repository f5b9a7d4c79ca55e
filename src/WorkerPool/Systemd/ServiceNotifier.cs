using System.Net.Sockets;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using WorkerPool.Runtime;

namespace WorkerPool.Systemd;

/// <summary>Tells the service manager what the pool does. One task sends; the pool never waits for it.</summary>
internal sealed class ServiceNotifier : IAsyncDisposable
{
    private static readonly TimeSpan StatusPeriod = TimeSpan.FromSeconds(1);

    private readonly Channel<string> _messages = Channel.CreateUnbounded<string>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Channel<bool> _changes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly CancellationTokenSource _ending = new();
    private readonly NotifySocket _socket;
    private readonly Master _master;
    private readonly PoolOptions _options;
    private readonly ILogger _logger;
    private readonly Task _sending;
    private readonly Task _listening;
    private int _reloads;
    private bool _isStopping;

    private ServiceNotifier(NotifySocket socket, Master master, PoolOptions options, ILogger logger)
    {
        _socket = socket;
        _master = master;
        _options = options;
        _logger = logger;
        IAsyncEnumerable<PoolEvent> events = master.ReadEventsAsync(_ending.Token);
        _sending = SendAsync();
        Task watching = Watchdog.Period(Variable("WATCHDOG_USEC"), Variable("WATCHDOG_PID"), Environment.ProcessId) is TimeSpan period
            ? WatchAsync(period)
            : Task.CompletedTask;
        _listening = Task.WhenAll(ListenAsync(events), SayStatusAsync(), watching);
    }

    /// <summary>Null: nobody wants to be told, or cannot be reached, which is said.</summary>
    public static ServiceNotifier? Start(Master master, PoolOptions options, ILogger logger)
    {
        if (!options.Systemd.Notify || Variable(NotifySocket.Variable) is not { Length: > 0 } address)
        {
            return null;
        }

        try
        {
            return new ServiceNotifier(NotifySocket.Open(address), master, options, logger);
        }
        catch (Exception e) when (e is SocketException or NotSupportedException or ArgumentException)
        {
            MasterLog.Warning(logger, $"The service manager is not told what the pool does: {e.Message} ({NotifySocket.Variable}={address})");
            return null;
        }
    }

    /// <summary>The service is up, in the eyes of its host.</summary>
    public void Ready() => Post($"{NotifyText.Ready}\n{NotifyText.Status(_master.Status)}");

    /// <summary>A signal has asked for a new release. Each needs its <see cref="Reloaded"/>.</summary>
    public void Reloading()
    {
        Interlocked.Increment(ref _reloads);
        Post(NotifyText.Reloading((long)TimeProvider.System.GetElapsedTime(0).TotalMicroseconds)); // CLOCK_MONOTONIC
    }

    /// <summary>That is over, one way or the other; the verdict is in the status line.</summary>
    public void Reloaded()
    {
        if (Interlocked.Decrement(ref _reloads) == 0 && !_isStopping)
        {
            Ready();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _listening;
        _messages.Writer.TryComplete();
        await _sending;
        _socket.Dispose();
    }

    private static string? Variable(string name) => Environment.GetEnvironmentVariable(name);

    private void Post(string message) => _messages.Writer.TryWrite(message);

    private async Task SendAsync()
    {
        await foreach (string message in _messages.Reader.ReadAllAsync())
        {
            TrySend(() => _socket.Send(message));
        }
    }

    private void TrySend(Action send)
    {
        try
        {
            send();
        }
        catch (SocketException e)
        {
            MasterLog.Warning(_logger, $"The service manager does not listen: {e.Message}");
        }
    }

    private async Task ListenAsync(IAsyncEnumerable<PoolEvent> events)
    {
        try
        {
            await foreach (PoolEvent happened in events)
            {
                if (happened.Kind == PoolEventKind.PoolStopping)
                {
                    _isStopping = true;
                    Post(NotifyText.Stopping(_options.Steering.HandshakeLimit + _options.DrainDeadline + _options.StopGrace + _options.KillGrace));
                }

                _changes.Writer.TryWrite(true);
            }
        }
        catch (OperationCanceledException)
        {
            // The host ends.
        }
    }

    /// <summary>The line follows what happens, once a second at most.</summary>
    private async Task SayStatusAsync()
    {
        string said = "";
        try
        {
            await foreach (bool _ in _changes.Reader.ReadAllAsync(_ending.Token))
            {
                string line = NotifyText.Status(_master.Status);
                if (line != said)
                {
                    Post(said = line);
                    await Task.Delay(StatusPeriod, _options.TimeProvider, _ending.Token);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The host ends.
        }
    }

    /// <summary>A sign of life comes through the master's loop, or not at all.</summary>
    private async Task WatchAsync(TimeSpan period)
    {
        using PeriodicTimer timer = new(period, _options.TimeProvider);
        try
        {
            while (await timer.WaitForNextTickAsync(_ending.Token))
            {
                if (await _master.AnswersAsync(_ending.Token))
                {
                    Post(NotifyText.Watchdog);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The host ends.
        }
    }
}
