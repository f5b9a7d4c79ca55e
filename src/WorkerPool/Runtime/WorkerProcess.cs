using System.Globalization;
using Microsoft.Extensions.Logging;
using WorkerPool.Control;
using WorkerPool.Interop;
using WorkerPool.Probes;
using WorkerPool.Processes;
using WorkerPool.Processes.Privileges;
using WorkerPool.Sockets;
using WorkerPool.Supervision;

namespace WorkerPool.Runtime;

/// <summary>
/// The master's end of one worker: its process, its two channels, its standard error. It tells the loop what happens
/// there, and cannot be made to do more than that by anything that the worker sends.
/// </summary>
internal sealed class WorkerProcess : IAsyncDisposable
{
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ExitAfterClose = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan SecondLook = TimeSpan.FromSeconds(1);

    /// <summary>For how long a worker that is not ready has the low priority. Where the processors are overloaded it would never get ready with it.</summary>
    private static readonly TimeSpan LongestLow = TimeSpan.FromSeconds(5);

    private readonly WorkerKey _key;
    private readonly Release _release;
    private readonly PoolOptions _options;
    private readonly bool _hold;
    private readonly IWorkerObserver _observer;
    private readonly ILogger _logger;
    private readonly WorkerChannels _channels;
    private readonly ChildProcess _child;
    private readonly WorkerCgroup? _cgroup;
    private readonly StartPriority? _startPriority;
    private readonly TaskCompletionSource _saidReady = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IReadOnlyList<TakenOver> _takesOver = [];

    private WorkerProcess(WorkerKey key, Release release, PoolOptions options, WorkerPrivileges privileges, IReadOnlyList<Descriptor> listeners, bool hold, IWorkerObserver observer, ILogger logger)
    {
        _key = key;
        _release = release;
        _options = options;
        _hold = hold;
        _observer = observer;
        _logger = logger;
        _channels = new WorkerChannels(options.RelayStandardError, e => MasterLog.WorkerFailed(logger, key.ToString(), "relaying its standard error", e));
        try
        {
            bool startsLow = MayStartLow(privileges);
            _cgroup = privileges.CreateCgroup(key);
            _child = Spawner.Spawn(RequestFor(listeners) with { Settings = privileges.For(key, _cgroup) });
            _startPriority = startsLow ? LowerPriority() : null;
            _channels.CloseWorkerEnds();
        }
        catch
        {
            _ = RemoveCgroupAsync();
            _ = _channels.DisposeAsync().AsTask();
            throw;
        }
    }

    public int ProcessId => _child.Id;

    /// <summary>Whether its end was seen: from then on the process id may be another's.</summary>
    public bool HasExited => _child.Exited.IsCompleted;

    /// <summary>Starts the process. The listeners become its descriptors 3, 4, 5 …, the two channels follow.</summary>
    /// <param name="key">Slot and generation.</param>
    /// <param name="release">What it runs.</param>
    /// <param name="options">The settings that it is told.</param>
    /// <param name="privileges">What it may.</param>
    /// <param name="listeners">One for each endpoint; the caller's.</param>
    /// <param name="hold">Whether it leaves the listeners' queues alone until <see cref="Accept"/>; connections that are passed it serves.</param>
    /// <param name="observer">Is told what happens.</param>
    /// <param name="logger">Gets what is nobody's business but the operator's.</param>
    /// <exception cref="IOException">The process, or what it needs, could not be made.</exception>
    public static WorkerProcess Start(
        WorkerKey key, Release release, PoolOptions options, WorkerPrivileges privileges, IReadOnlyList<Descriptor> listeners, bool hold, IWorkerObserver observer, ILogger logger)
    {
        WorkerProcess worker = new(key, release, options, privileges, listeners, hold, observer, logger);
        _ = worker.SuperviseAsync();
        _ = worker.RestorePriorityAsync();
        return worker;
    }

    /// <summary>Ends the hold. Harmless for a worker that was not told to hold, or that accepts already.</summary>
    public void Accept() => Send(new Accept());

    public void ReopenLogs() => Send(new Reopen());

    /// <param name="deadline">The time that it has.</param>
    /// <param name="takeQueue">Whether it serves what waits in its queue.</param>
    /// <param name="handOver">Whether it may hand idle connections over; a second drain can take that back.</param>
    public void Drain(TimeSpan deadline, bool takeQueue, bool handOver = false) => Send(new Drain(deadline.TotalSeconds, takeQueue, handOver));

    public void Stop() => Send(new Stop());

    public void Signal(int signal) => _child.Signal(signal);

    /// <summary>What is spoken on the idle connections of an endpoint that it takes over; null: it takes none.</summary>
    public string? ProtocolOf(int endpoint) =>
        endpoint >= 0 && endpoint < _options.Endpoints.Count
            ? _takesOver.FirstOrDefault(taken => taken.Endpoint == _options.Endpoints[endpoint].Name)?.Protocol
            : null;

    /// <summary>Our end of the pass channel: it brings what this worker hands over. Not to be used after this is disposed.</summary>
    public DescriptorChannel HandedOver => _channels.Passing;

    /// <summary>Hands an accepted connection to the worker. Thread-safe, also while this is disposed.</summary>
    public SendResult Pass(int endpoint, Descriptor connection)
    {
        // The number must stay ours during the call.
        Descriptor channel = _channels.Passing.Descriptor;
        bool held = false;
        try
        {
            channel.DangerousAddRef(ref held);
            return _channels.Passing.TrySend(endpoint, connection);
        }
        catch (ObjectDisposedException)
        {
            return SendResult.Gone;
        }
        finally
        {
            if (held)
            {
                channel.DangerousRelease();
            }
        }
    }

    /// <inheritdoc cref="Probing.RunAsync"/>
    public Task<string?> ProbeAsync(HealthProbe probe, CancellationToken cancellationToken) => Probing.RunAsync(
        probe,
        new ProbeTarget
        {
            Key = _key,
            ProcessId = ProcessId,
            Label = _release.Label,
            Endpoints = _options.Endpoints,
            Pass = Pass,
            Exited = _child.Exited,
        },
        _options.TimeProvider,
        cancellationToken);

    /// <summary>To be called once, after the exit: the connections that were passed and that the worker never received.</summary>
    public DescriptorChannel TakeUnread() => _channels.TakeUnread();

    /// <summary>Lets go of the process and its channels, after its exit was told.</summary>
    public async ValueTask DisposeAsync()
    {
        _child.Dispose();
        await RemoveCgroupAsync();
        await _channels.DisposeAsync();
    }

    private SpawnRequest RequestFor(IReadOnlyList<Descriptor> listeners) => new()
    {
        Release = _release,
        Descriptors = [.. listeners, .. _channels.WorkerEnds],
        StandardError = _channels.Errors?.WriteEnd,
        Defaults = _options.RuntimeDefaults
            ? RuntimeVariables.For(_options.WorkerCount, Environment.ProcessorCount)
            : new Dictionary<string, string>(),
        Environment = WorkerEnvironment.For(_key, _release, _options.Endpoints),
    };

    /// <summary>From the start to the exit: the conversation runs beside it, and is over before the exit is told.</summary>
    private async Task SuperviseAsync()
    {
        try
        {
            Task conversation = ConverseAsync();
            ExitStatus exit = await _child.Exited;
            await Task.WhenAny(conversation, Task.Delay(LastWords, _options.TimeProvider));
            if (_channels.Errors is ErrorRelay errors)
            {
                await errors.CompleteAsync(LastWords, _options.TimeProvider);
            }

            _observer.Exited(_key, exit, _channels.Errors?.Tail ?? []);
        }
        catch (Exception e)
        {
            // Not known to happen; without an exit the slot would wait for ever, so end it and say so.
            MasterLog.WorkerFailed(_logger, _key.ToString(), "supervising it", e);
            _child.Signal(SignalNames.SIGKILL);
            _observer.Exited(_key, ExitStatus.Unknown, []);
        }
    }

    private async Task ConverseAsync()
    {
        try
        {
            Conversation conversation = new(_options.TimeProvider);
            await foreach (ControlMessage message in _channels.Control.ReadAllAsync())
            {
                Handle(conversation.Check(message));
            }

            await _child.Exited.WaitAsync(ExitAfterClose, _options.TimeProvider);
        }
        catch (TimeoutException)
        {
            _observer.ProtocolViolated(_key, "it closed its control channel and did not exit.");
        }
        catch (ProtocolViolationException e)
        {
            _observer.ProtocolViolated(_key, e.Message);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            MasterLog.WorkerFailed(_logger, _key.ToString(), "reading its control channel", e);
            _observer.ProtocolViolated(_key, $"its control channel failed: {e.Message}");
        }
    }

    private void Handle(ControlMessage message)
    {
        switch (message)
        {
            case Hello hello when ControlProtocol.Common(hello) is int version:
                Send(new Welcome(
                    version,
                    _release.Label,
                    _options.DrainDeadline.TotalSeconds,
                    _options.OnMasterLoss == MasterLoss.Serve ? Welcome.Serve : Welcome.Drain,
                    [.. _options.Endpoints.Select(endpoint => endpoint.Name)],
                    _hold,
                    _options.Liveness.Enabled ? _options.Liveness.HeartbeatPeriod.TotalSeconds : 0));
                break;
            case Hello hello:
                string reason = ControlProtocol.Mismatch(hello);
                Send(new Refuse(reason));
                throw new ProtocolViolationException(reason);
            case Ready ready:
                _takesOver = ready.TakesOver ?? [];
                _saidReady.TrySetResult();
                _observer.Ready(_key);
                break;
            case Report report:
                _observer.Reported(_key, report.Connections, report.Accepted);
                break;
            case Heartbeat heartbeat:
                _observer.Heard(_key, heartbeat.Debugged);
                break;
        }
    }

    /// <summary>Found out before the spawn, because after it every moment counts. That it may not is said once for the pool.</summary>
    private bool MayStartLow(WorkerPrivileges privileges)
    {
        string? hindrance = _options.StartNice == 0 ? null : StartPriority.Hindrance(privileges.Nice, privileges.HaveOtherUser);
        if (hindrance is not null && _key is { Slot: 0, Generation: 1 })
        {
            MasterLog.Warning(_logger, $"Workers start with full priority. {hindrance} Give it one of these, or set {nameof(PoolOptions.StartNice)} to 0.");
        }

        return _options.StartNice > 0 && hindrance is null;
    }

    /// <summary>A start at full priority is a start all the same, so a failure is a warning.</summary>
    private StartPriority? LowerPriority()
    {
        try
        {
            return StartPriority.Lower(_child.Id, _options.StartNice);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            MasterLog.Warning(_logger, $"{_key} starts with full priority: {e.Message}");
            return null;
        }
    }

    /// <summary>When it is ready, or that takes long; and again when a thread that was in the making must have become visible.</summary>
    private async Task RestorePriorityAsync()
    {
        if (_startPriority is null)
        {
            return;
        }

        try
        {
            await Task.WhenAny(_child.Exited, _saidReady.Task, Task.Delay(LongestLow, _options.TimeProvider));
            for (int look = 0; look < 2 && !_child.Exited.IsCompleted; look++)
            {
                _startPriority.Restore();
                await Task.WhenAny(_child.Exited, Task.Delay(SecondLook, _options.TimeProvider));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            MasterLog.Warning(_logger, $"{_key} stays at low priority: {e.Message}");
        }
    }

    private async Task RemoveCgroupAsync()
    {
        if (_cgroup is not null && await _cgroup.RemoveAsync(_options.TimeProvider) is string failure)
        {
            MasterLog.Warning(_logger, failure);
        }
    }

    private void Send(ControlMessage message) => _ = SendAsync(message);

    private async Task SendAsync(ControlMessage message)
    {
        try
        {
            await _channels.Control.SendAsync(message);
        }
        catch (ProtocolViolationException e)
        {
            _observer.ProtocolViolated(_key, e.Message);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The worker is gone; its exit is on the way.
            MasterLog.WorkerFailed(_logger, _key.ToString(), string.Create(CultureInfo.InvariantCulture, $"sending {message.GetType().Name}"), e);
        }
    }
}
