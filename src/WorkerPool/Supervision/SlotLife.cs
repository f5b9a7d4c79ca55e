using System.Globalization;

namespace WorkerPool.Supervision;

/// <summary>
/// The life of one slot: which workers it has, what it has been told, and what to do when something happens.
/// </summary>
/// <remarks>
/// <code>
///               spawn            ready              drain             exit
///   (nothing) ---------> Serving ------> Serving ---------> Leaving ---------> (nothing)
///                       starting          ready
///
///   start-first:  spawn -> Successor -- ready --> Serving;   the old Serving becomes Leaving
///   stop-first:   Serving becomes Leaving -- exit --> spawn -> Serving
/// </code>
/// At most one worker is in each of the three places, and a slot works on one command at a time.
/// </remarks>
internal sealed partial class SlotLife(int number, Release release, int lastGeneration, long acceptedBefore, SupervisionContext context)
{
    private int _earlyDeaths;
    private bool _breakerOpen;
    private TimeSpan? _respawnAt;
    private ExitStatus? _lastExit;
    private SlotStatus? _status;
    private long _acceptedByEnded = acceptedBefore;

    public int Number { get; } = number;

    public int LastGeneration { get; private set; } = lastGeneration;

    /// <summary>What all workers of the slot have accepted, as they last reported.</summary>
    public long AcceptedTotal => Workers.Aggregate(_acceptedByEnded, (sum, worker) => Tally.Add(sum, worker.Accepted));

    /// <summary>What the slot runs, and goes back to.</summary>
    public Release Release { get; private set; } = release;

    /// <summary>The worker that has the slot: starting or ready.</summary>
    public WorkerLife? Serving { get; private set; }

    /// <summary>A worker that starts, to take the slot over when it is ready.</summary>
    public WorkerLife? Successor { get; private set; }

    /// <summary>A worker that drains or stops.</summary>
    public WorkerLife? Leaving { get; private set; }

    public SlotCommand? Command { get; private set; }

    /// <summary>Whether a worker will be started, later.</summary>
    public bool WillRespawn => _respawnAt is not null;

    /// <summary>How many workers in a row died before they had proved to be stable.</summary>
    public int EarlyDeaths => _earlyDeaths;

    /// <summary>How the worker ended that last died unasked, or did not get ready.</summary>
    public Verdict? LastDeath { get; private set; }

    /// <summary>Whether the slot should have a worker; not after a drain or before the first start.</summary>
    public bool WantsWorker { get; private set; }

    public bool HasWorkers => Serving is not null || Successor is not null || Leaving is not null;

    public IEnumerable<WorkerLife> Workers
    {
        get
        {
            if (Leaving is not null)
            {
                yield return Leaving;
            }

            if (Serving is not null)
            {
                yield return Serving;
            }

            if (Successor is not null)
            {
                yield return Successor;
            }
        }
    }

    /// <summary>How many workers there are, those counted too that wait for their turn to start.</summary>
    public int WorkerCount => (Leaving is null ? 0 : 1) + (Serving is null ? 0 : 1) + (Successor is null ? 0 : 1);

    /// <summary>How many of them are not ready yet.</summary>
    public int StartingCount => (Serving?.State == WorkerState.Starting ? 1 : 0) + (Successor?.State == WorkerState.Starting ? 1 : 0);

    public WorkerLife? Find(WorkerKey key) => Workers.FirstOrDefault(worker => worker.Key == key);

    /// <summary>A worker said that it accepts connections.</summary>
    public void Ready(WorkerLife worker, TimeSpan now)
    {
        if (worker.State != WorkerState.Starting)
        {
            return; // it was told to go meanwhile
        }

        if (worker.Probe is HealthProbe probe)
        {
            context.Do(new ProbeWorker(worker.Key, probe));
        }
        else
        {
            Install(worker, now);
        }
    }

    /// <summary>A worker that was ready has been probed.</summary>
    /// <param name="worker">The worker.</param>
    /// <param name="failure">What is wrong with it; <see langword="null"/> if nothing.</param>
    /// <param name="now">The time.</param>
    public void Probed(WorkerLife worker, string? failure, TimeSpan now)
    {
        if (worker.State != WorkerState.Starting)
        {
            return;
        }

        if (failure is not null)
        {
            GiveUp(worker, VerdictReason.ProbeFailed, Text($"The new worker of slot {Number} (process {worker.ProcessId}, release \"{worker.Release.Label}\") is not healthy: {failure}"));
        }
        else
        {
            context.Do(new LetAccept(worker.Key));
            Install(worker, now);
        }
    }

    /// <summary>The worker has proved itself: it gets connections.</summary>
    private void Install(WorkerLife worker, TimeSpan now)
    {
        worker.BecomeReady(now, context.Attended.Now);
        SettleReopening(worker);
        BeginRamp();
        context.Announce(PoolEventKind.WorkerReady, worker, Text($"The worker is ready after {Seconds(now - worker.StartedAt!.Value)}."), now - worker.StartedAt!.Value);
        if (worker == Successor)
        {
            Succeed(now);
        }
        else if (Successor is null && Command is { Succeeded: false })
        {
            EndStartOrRestore(now);
        }

        Changed();
    }

    public void Report(WorkerLife worker, int connections, long accepted)
    {
        worker.Connections = connections;
        worker.Accepted = accepted;
        Changed();
    }

    /// <summary>Whether something has changed since the last picture.</summary>
    public bool IsStale => _status is null;

    public SlotStatus Snapshot() => _status ??= new SlotStatus
    {
        Slot = Number,
        State = State,
        Label = Release.Label,
        ConsecutiveDeaths = _earlyDeaths,
        LastExit = _lastExit,
        NextRespawn = _respawnAt is TimeSpan at ? context.Settings.Epoch + at : null,
        Weight = Weight,
        Share = Share,
        AcceptedTotal = AcceptedTotal,
        IsBreakerOpen = _breakerOpen,
        Workers = [.. Workers.Where(worker => worker.ProcessId != 0).Select(SnapshotOf)],
    };

    private SlotState State => this switch
    {
        { Serving: not null, Successor: not null } => SlotState.Replacing,
        { Serving: { State: WorkerState.Ready, IsUnresponsive: true } } => SlotState.Unresponsive,
        { Serving.State: WorkerState.Ready } => SlotState.Ready,
        { Serving: not null } or { Successor: not null } => SlotState.Starting,
        { Leaving: not null } => SlotState.Draining,
        _ when _breakerOpen && WantsWorker => SlotState.Broken,
        _ when _respawnAt is not null => SlotState.BackingOff,
        _ => SlotState.Empty,
    };

    private WorkerStatus SnapshotOf(WorkerLife worker) => new()
    {
        Generation = worker.Key.Generation,
        ProcessId = worker.ProcessId,
        Label = worker.Release.Label,
        State = worker.State,
        StartedAt = context.Settings.Epoch + worker.StartedAt!.Value,
        LastHeard = context.Settings.Epoch + worker.LastHeard,
        IsUnresponsive = worker.IsUnresponsive,
        Connections = worker.Connections,
        Accepted = worker.Accepted,
    };

    private void Changed() => _status = null;

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static string Seconds(TimeSpan time) => Text($"{time.TotalSeconds:0.###} s");
}
