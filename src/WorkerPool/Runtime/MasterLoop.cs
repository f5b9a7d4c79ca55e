using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Logging;
using WorkerPool.Processes;
using WorkerPool.Processes.Privileges;
using WorkerPool.Runtime.Telemetry;
using WorkerPool.Sockets.Activation;
using WorkerPool.Supervision;

namespace WorkerPool.Runtime;

/// <summary>
/// The shell around the supervisor: brings it what happened, one thing after the other, and does what it decides.
/// </summary>
internal sealed partial class MasterLoop : IWorkerObserver, IAsyncDisposable
{
    private static readonly Verdict HasStopped =
        new() { Outcome = Outcome.Refused, Reason = VerdictReason.Stopping, Message = "The pool has stopped." };

    private readonly PoolOptions _options;
    private readonly ILogger _logger;
    private readonly long _start;
    private readonly Mailbox _mailbox;
    private readonly WorkerPrivileges _privileges;
    private readonly Supervisor _supervisor;
    private readonly Dictionary<WorkerKey, WorkerProcess> _workers = [];
    private readonly Dictionary<int, TaskCompletionSource<Verdict>> _commands = [];
    private readonly TaskCompletionSource _stopping = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Retirement _retirement;
    private readonly HandOvers _handOvers;
    private readonly Lazy<Task> _closing;
    private readonly PoolTelemetry _telemetry;
    private readonly EndpointStatus[] _endpoints;
    private QueueWatch? _queueWatch;
    private OrphanWatch? _orphanWatch;
    private int _lastCommand;
    private Task _running = Task.CompletedTask;

    private MasterLoop(PoolOptions options, Release release, ILogger logger, WorkerPrivileges privileges, PoolSockets sockets)
    {
        _options = options;
        _privileges = privileges;
        _logger = logger;
        Sockets = sockets;
        _start = options.TimeProvider.GetTimestamp();
        _mailbox = new Mailbox(options.TimeProvider);
        _supervisor = new Supervisor(SettingsOf(options));
        _handOvers = new HandOvers(this, options);
        _retirement = new Retirement(sockets, this, _handOvers, options);
        _closing = new Lazy<Task>(CloseAsync);
        _supervisor.AddSlots(options.WorkerCount, release);
        _endpoints = [.. sockets.Endpoints.Select(endpoint => endpoint.Describe())];
        Status = Picture();
        _telemetry = new PoolTelemetry(options, () => Status, () => QueuesOf(Status), logger);
    }

    public PoolOptions Options => _options;

    public PoolSockets Sockets { get; }

    public EventStream Events { get; } = new();

    public PoolStatus Status { get; private set => Volatile.Write(ref field!, value); } = null!;

    public Task Stopping => _stopping.Task;

    public Task Stopped => _stopped.Task;

    private TimeSpan Now => _options.TimeProvider.GetElapsedTime(_start);

    /// <summary>Opens the listening sockets of all slots; the slots are empty as yet.</summary>
    [SuppressMessage("Reliability", "CA2000", Justification = "The loop owns the sockets.")]
    public static MasterLoop Open(PoolOptions options, Release release)
    {
        ChildSignal.RestoreDefault();
        ILogger logger = options.LoggerFactory.CreateLogger("WorkerPool.Master");
        WorkerPrivileges privileges = WorkerPrivileges.Prepare(options.Processes); // before anything that somebody could notice
        if (options.ReapOrphans)
        {
            OrphanReaper.BecomeSubreaper();
        }

        PoolSockets sockets = PoolSockets.Open(options.Endpoints, options.WorkerCount, logger, IsSteered(options), PassedSockets.ToThisProcess, options.Systemd.KeepSockets);
        options.Resolve(sockets.Endpoints.Select(endpoint => endpoint.Endpoint));
        MasterLoop loop = new(options, release, logger, privileges, sockets);
        loop._retirement.Begin(options.WorkerCount); // more sockets were passed than there are slots
        loop._running = loop.RunAsync();
        loop._orphanWatch = OrphanWatch.Start(options, logger);
        loop._queueWatch = IsSteered(options) && options.Steering.BalancePeriod is TimeSpan period
            ? new QueueWatch(period, options.TimeProvider, loop._mailbox.Post, loop.LookAtQueues)
            : null;
        return loop;
    }

    /// <summary>Hands a command to the supervisor, and waits for its verdict.</summary>
    public Task<Verdict> CommandAsync(Action<Supervisor, int, TimeSpan> begin, CancellationToken cancellationToken)
    {
        TaskCompletionSource<Verdict> completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
        ActivityContext caller = PoolTelemetry.Caller();
        bool posted = _mailbox.Post(() =>
        {
            int id = ++_lastCommand;
            _commands[id] = completion;
            _telemetry.Begin(id, caller);
            begin(_supervisor, id, Now);
        });
        if (!posted)
        {
            completion.SetResult(HasStopped);
        }

        return VerdictAsync(completion.Task, cancellationToken);
    }

    /// <summary>Tells the supervisor something that has no verdict.</summary>
    public void Tell(Action<Supervisor> tell) => _mailbox.Post(() => tell(_supervisor));

    /// <summary>A letter that is still in the box when the loop has failed is never read; its sender must hear that.</summary>
    private async Task<Verdict> VerdictAsync(Task<Verdict> verdict, CancellationToken cancellationToken)
    {
        await Task.WhenAny(verdict, _running).WaitAsync(cancellationToken);
        return verdict.IsCompleted ? await verdict : HasStopped;
    }

    /// <summary>The picture after everything that was posted before; the last one if the loop has ended.</summary>
    public async Task<PoolStatus> SnapshotAsync()
    {
        TaskCompletionSource<PoolStatus> picture = new(TaskCreationOptions.RunContinuationsAsynchronously);
        if (_mailbox.Post(() => picture.SetResult(Picture())))
        {
            await Task.WhenAny(picture.Task, _running);
        }

        return picture.Task.IsCompleted ? await picture.Task : Status;
    }

    /// <summary>Whether the loop handles letters; it completes when it has handled those of before.</summary>
    public async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        TaskCompletionSource answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        bool posted = _mailbox.Post(answer.SetResult);
        await Task.WhenAny(answer.Task, _running).WaitAsync(cancellationToken);
        return posted && answer.Task.IsCompletedSuccessfully;
    }

    /// <summary>Stops the pool; what waits at sockets of slots that are gone is handed on first, while somebody takes it.</summary>
    public Task<Verdict> StopAsync(StopMode mode, CancellationToken cancellationToken)
    {
        Task left = mode == StopMode.Graceful ? LeaveAsync() : Task.CompletedTask;
        return left.IsCompleted ? StopNowAsync(mode, cancellationToken) : StopLaterAsync().WaitAsync(cancellationToken);

        async Task<Verdict> StopLaterAsync()
        {
            await left;
            return await StopNowAsync(mode, CancellationToken.None);
        }
    }

    private Task<Verdict> StopNowAsync(StopMode mode, CancellationToken cancellationToken) => CommandAsync(
        (supervisor, id, now) =>
        {
            _retirement.PassAll();
            _handOvers.End();
            supervisor.Stop(id, mode, now);
        },
        cancellationToken);

    /// <summary>Who comes from now on waits where the next master finds him; who has begun to come arrives first.</summary>
    private async Task LeaveAsync()
    {
        TaskCompletionSource<Task> settling = new(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!_options.Steering.Enabled || !Sockets.OutlivesInPart || !_mailbox.Post(() => settling.SetResult(SettleAsync())))
        {
            return;
        }

        await Task.WhenAny(settling.Task.Unwrap(), _running);

        async Task SettleAsync()
        {
            try
            {
                Sockets.Leave();
                await Sockets.WhenHandshakesSettledAsync(0, _options.Steering.HandshakeLimit, _options.TimeProvider, CancellationToken.None);
            }
            catch (SystemCallException e)
            {
                _mailbox.Post(() => Announce(PoolEventKind.Warning, $"It is not known which handshakes have begun: {e.Message}"));
            }
        }
    }

    public void Ready(WorkerKey worker) => _mailbox.Post(() => _supervisor.Ready(worker, Now));

    public void Reported(WorkerKey worker, int connections, long accepted) =>
        _mailbox.Post(() => _supervisor.Report(worker, connections, accepted));

    public void Heard(WorkerKey worker, bool isDebugged) => _mailbox.Post(() => _supervisor.Heard(worker, isDebugged, Now));

    public void ProtocolViolated(WorkerKey worker, string message) =>
        _mailbox.Post(() => _supervisor.ProtocolViolated(worker, message));

    public void Exited(WorkerKey worker, ExitStatus exit, IReadOnlyList<string> lastErrorLines) => _mailbox.Post(() =>
    {
        if (_workers.Remove(worker, out WorkerProcess? process))
        {
            _handOvers.TakeRest(worker, process);
            _retirement.TakeBack(worker.Slot, process.TakeUnread(), process.ProtocolOf);
            _ = process.DisposeAsync().AsTask();
        }

        _supervisor.Exited(worker, exit, lastErrorLines, Now);
    });

    /// <summary>Once, whoever asks; every caller waits for it.</summary>
    public ValueTask DisposeAsync() => new(_closing.Value);

    private async Task CloseAsync()
    {
        _mailbox.Close();
        await _running;
        await (_queueWatch?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (_orphanWatch?.DisposeAsync() ?? ValueTask.CompletedTask);
        await _retirement.DisposeAsync();
        await _handOvers.DisposeAsync();
        _mailbox.Dispose();
        Sockets.Dispose();
        _telemetry.Dispose(); // last, because it calls the host's listeners
    }

    /// <summary>A live worker to pass a connection to; the loop's own thread only.</summary>
    public IEnumerable<WorkerProcess> ReadyWorkers => ReadySlots.Select(ready => ready.Worker);

    /// <summary>The same, each with its slot.</summary>
    public IEnumerable<(SlotStatus Slot, WorkerProcess Worker)> ReadySlots =>
        from slot in Status.Slots
        from worker in slot.Workers
        where worker is { State: WorkerState.Ready, IsUnresponsive: false }
        let process = WorkerOf(new WorkerKey(slot.Slot, worker.Generation))
        where process is not null
        select (slot, process);

    public bool Post(Action letter) => _mailbox.Post(letter);

    public void Announce(PoolEventKind kind, string message, int? slot = null) => Do(new Announce(kind, message) { Slot = slot });

    private async Task RunAsync()
    {
        await Task.Yield();
        try
        {
            await _mailbox.RunAsync(Settle);
        }
        catch (Exception e)
        {
            FailAll(e);
        }
    }

    /// <summary>After each round of letters: time, decisions until there are none, the new picture, the next alarm.</summary>
    private void Settle()
    {
        _supervisor.Tick(Now);
        for (IReadOnlyList<SupervisionAction> actions = _supervisor.TakeActions(Now); actions.Count > 0; actions = _supervisor.TakeActions(Now))
        {
            Status = Picture();
            foreach (SupervisionAction action in actions)
            {
                TryDo(action);
            }
        }

        Status = Picture();
        _mailbox.WakeAfter(_supervisor.NextDeadline - Now);
        if (Status.Stopping)
        {
            _stopping.TrySetResult();
        }

        if (_supervisor.IsStopped && _stopped.TrySetResult())
        {
            Events.Complete();
        }
    }

    /// <summary>A call that the kernel refuses (a signal to a worker that changed its user, say) must not stop the loop.</summary>
    private void TryDo(SupervisionAction action)
    {
        try
        {
            Do(action);
        }
        catch (SystemCallException e)
        {
            Announce(PoolEventKind.Warning, $"{action.GetType().Name}: {e.Message}");
        }
    }

    private void Do(SupervisionAction action)
    {
        _telemetry.Record(action);
        switch (action)
        {
            case SpawnWorker spawn:
                Spawn(spawn);
                break;
            case DrainWorker drain:
                WorkerOf(drain.Worker)?.Drain(drain.Deadline, drain.TakeQueue, handOver: _handOvers.Begin(drain.Worker));
                break;
            case StopWorker stop:
                WorkerOf(stop.Worker)?.Stop();
                break;
            case SignalWorker signal:
                WorkerOf(signal.Worker)?.Signal(signal.Signal);
                break;
            case ExamineWorker examine when WorkerOf(examine.Worker) is WorkerProcess worker:
                _supervisor.Examined(examine.Worker, ProcessCondition.Read(worker.ProcessId), Now);
                break;
            case HealSockets heal:
                Heal(heal.Slot);
                break;
            case SteerTo steer:
                Steer(steer.Weights);
                break;
            case ProbeWorker probe when WorkerOf(probe.Worker) is WorkerProcess worker:
                _ = ProbeAsync(worker, probe);
                break;
            case TellToReopenLogs reopen:
                WorkerOf(reopen.Worker)?.ReopenLogs();
                break;
            case LetAccept accept:
                WorkerOf(accept.Worker)?.Accept();
                break;
            case MeasureMemory:
                _ = MeasureMemoryAsync([.. _workers.Values.Select(worker => worker.ProcessId)]);
                break;
            case AwaitHandshakes handshakes:
                _ = AwaitHandshakesAsync(handshakes);
                break;
            case GrowSockets grow:
                Grow(grow.Slots);
                break;
            case RetireSockets retire:
                _retirement.Begin(retire.Slots);
                break;
            case EndCommand end:
                _commands.Remove(end.Command, out TaskCompletionSource<Verdict>? completion);
                completion!.SetResult(end.Verdict);
                break;
            case Announce announce:
                Publish(announce);
                break;
        }
    }

    private void Spawn(SpawnWorker spawn)
    {
        try
        {
            WorkerProcess worker = WorkerProcess.Start(
                spawn.Worker, spawn.Release, _options, _privileges, Sockets.OfSlot(spawn.Worker.Slot), spawn.Hold, this, _logger);
            _workers[spawn.Worker] = worker;
            _supervisor.Spawned(spawn.Worker, worker.ProcessId);
        }
        catch (Exception e) when (e is IOException or ArgumentException)
        {
            _supervisor.SpawnFailed(spawn.Worker, e.Message, Now);
        }
    }

    private PoolStatus Picture() => _supervisor.Snapshot() with { Endpoints = _endpoints };

    private void LookAtQueues() =>
        _supervisor.QueuesMeasured([.. Enumerable.Range(0, Math.Min(_supervisor.SlotCount, Sockets.SlotCount)).Select(Sockets.QueueLength)], Now);

    private void Heal(int slot)
    {
        foreach (string healed in Sockets.Heal(slot))
        {
            Announce(PoolEventKind.SocketHealed, healed, slot);
        }
    }

    /// <summary>A kernel that refuses is said so once: connections are served all the same, some of them later.</summary>
    private void Steer(IReadOnlyList<double> weights)
    {
        if (Sockets.Steer(weights) is string refusal)
        {
            Announce(PoolEventKind.Warning, $"The kernel does not let the pool steer new connections: {refusal} Those that arrive at a slot without a worker wait for the next one.");
        }
    }

    private async Task AwaitHandshakesAsync(AwaitHandshakes wanted)
    {
        try
        {
            await Sockets.WhenHandshakesSettledAsync(wanted.Worker.Slot, wanted.Limit, _options.TimeProvider, CancellationToken.None);
        }
        catch (SystemCallException e)
        {
            _mailbox.Post(() => Announce(PoolEventKind.Warning, $"It is not known which handshakes have begun: {e.Message}", wanted.Worker.Slot));
        }

        _mailbox.Post(() => _supervisor.HandshakesSettled(wanted.Worker, Now));
    }

    private async Task ProbeAsync(WorkerProcess worker, ProbeWorker wanted)
    {
        string? failure = await worker.ProbeAsync(wanted.Probe, CancellationToken.None);
        _mailbox.Post(() => _supervisor.Probed(wanted.Worker, failure, Now));
    }

    private async Task MeasureMemoryAsync(int[] processes)
    {
        MemoryReading reading = await MemoryMeter.ReadAsync(processes, CancellationToken.None);
        _mailbox.Post(() => _supervisor.MemoryMeasured(reading, Now));
    }

    private void Grow(int slots)
    {
        try
        {
            _retirement.End(slots);
            Sockets.GrowTo(slots);
            _supervisor.SocketsGrown(error: null, Now);
        }
        catch (SystemCallException e)
        {
            _supervisor.SocketsGrown(e.Message, Now);
        }
    }

    /// <summary>The process of a worker, if it lives; the loop's own thread only.</summary>
    public WorkerProcess? WorkerOf(WorkerKey key) => _workers.GetValueOrDefault(key);

    private void Publish(Announce announce)
    {
        PoolEvent poolEvent = new()
        {
            Kind = announce.Kind,
            Time = _options.TimeProvider.GetUtcNow(),
            Message = announce.Message,
            Slot = announce.Slot,
            Generation = announce.Generation,
            ProcessId = announce.ProcessId,
            Label = announce.Label,
            Exit = announce.Exit,
            Rollout = announce.Rollout,
            Verdict = announce.Verdict,
        };
        MasterLog.Event(_logger, poolEvent);
        Events.Publish(poolEvent);
    }

    /// <summary>A defect of this library: nobody supervises any more, so the workers drain by themselves, and callers hear it.</summary>
    private void FailAll(Exception exception)
    {
        MasterLog.LoopFailed(_logger, exception);
        _mailbox.Close();
        foreach (WorkerProcess worker in _workers.Values)
        {
            worker.Drain(_options.DrainDeadline, takeQueue: true, handOver: false);
        }

        foreach (TaskCompletionSource<Verdict> completion in _commands.Values)
        {
            completion.TrySetException(exception);
        }

        _stopped.TrySetException(exception);
        Events.Complete();
    }

    private static bool IsSteered(PoolOptions options) => options.Steering.Enabled && !WorkerPool.Sockets.Steering.IsOff;

    private static SupervisionSettings SettingsOf(PoolOptions options) => new()
    {
        StartDeadline = options.StartDeadline,
        ParallelStarts = options.ParallelStarts,
        DrainDeadline = options.DrainDeadline,
        StopGrace = options.StopGrace,
        KillGrace = options.KillGrace,
        HandshakeLimit = IsSteered(options) ? options.Steering.HandshakeLimit : null,
        SlowStart = options.Steering.SlowStart,
        Recycle = options.Recycle is { Age: null, Connections: null, MemoryBytes: null } ? null : options.Recycle,
        MemoryReserve = options.MemoryReserveBytes,
        HeartbeatDeadline = options.Liveness.Enabled ? options.Liveness.Deadline : null,
        AbortGrace = options.Liveness.AbortGrace,
        ReopenLogsSignal = options.Signals.ReopenLogsSignal,
        StableAfter = options.Respawn.StableAfter,
        Epoch = options.TimeProvider.GetUtcNow(),
        Chance = Random.Shared.NextDouble,
        RespawnDelay = new RespawnDelay(
            options.Respawn.BaseDelay,
            options.Respawn.Factor,
            options.Respawn.MaxDelay,
            options.Respawn.Jitter,
            options.Respawn.BreakerThreshold,
            options.Respawn.BreakerPeriod),
    };
}
