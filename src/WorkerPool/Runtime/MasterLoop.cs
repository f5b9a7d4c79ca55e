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

    /// <summary>The process of a worker, if it lives; the loop's own thread only.</summary>
    public WorkerProcess? WorkerOf(WorkerKey key) => _workers.GetValueOrDefault(key);

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

    private PoolStatus Picture() => _supervisor.Snapshot() with { Endpoints = _endpoints };

    private void LookAtQueues() =>
        _supervisor.QueuesMeasured([.. Enumerable.Range(0, Math.Min(_supervisor.SlotCount, Sockets.SlotCount)).Select(Sockets.QueueLength)], Now);

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
}
