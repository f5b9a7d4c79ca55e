using CsCheck;
using WorkerPool.Processes;
using WorkerPool.Supervision;

namespace WorkerPool.Tests.Supervision;

/// <summary>A supervisor with a clock that the test moves, and processes that exist on paper only.</summary>
internal sealed class Harness
{
    private readonly Dictionary<int, Verdict> _verdicts = [];
    private int _lastCommand;
    private int _lastProcess = 1000;

    public Harness(int slots = 2, Func<SupervisionSettings, SupervisionSettings>? change = null)
    {
        SupervisionSettings settings = new()
        {
            StartDeadline = TimeSpan.FromSeconds(30),
            LongestStartTurn = LongestStartTurn,
            DrainDeadline = TimeSpan.FromSeconds(20),
            StopGrace = TimeSpan.FromSeconds(5),
            KillGrace = TimeSpan.FromSeconds(2),
            StableAfter = TimeSpan.FromSeconds(10),
            Chance = () => 0,
            HandshakeLimit = TimeSpan.FromSeconds(1),
            RespawnDelay = new RespawnDelay(
                Base: TimeSpan.FromSeconds(1),
                Factor: 2,
                Max: TimeSpan.FromSeconds(30),
                Jitter: 0.5,
                BreakerThreshold: 5,
                BreakerPeriod: TimeSpan.FromSeconds(60)),
        };
        Supervisor = new Supervisor(change is null ? settings : change(settings));
        Table = [.. Enumerable.Repeat(1.0 / slots, slots)];
        Supervisor.AddSlots(slots, V1);
    }

    /// <summary>As long a worker that starts keeps its turn.</summary>
    public static TimeSpan LongestStartTurn { get; } = TimeSpan.FromSeconds(2);

    public static Release V1 { get; } = Release.Create("/bin/true", label: "v1");

    public static Release V2 { get; } = Release.Create("/bin/true", label: "v2");

    /// <summary>So many accidents among as many steps of a history; null is a step of another kind.</summary>
    public static Gen<Accident?> Accidents(int count, int of) =>
        Gen.Frequency((count, Gen.Enum<Accident>().Select(accident => (Accident?)accident)), (of - count, Gen.Const((Accident?)null)));

    public Supervisor Supervisor { get; }

    /// <summary>Sees each action at the moment when it is done.</summary>
    public event Action<SupervisionAction>? Doing;

    public TimeSpan Now { get; private set; }

    /// <summary>Everything that was decided so far.</summary>
    public List<SupervisionAction> Actions { get; } = [];

    /// <summary>The processes that live.</summary>
    public Dictionary<WorkerKey, Release> Processes { get; } = [];

    /// <summary>Whether the next processes can be started at all.</summary>
    public string? SpawnError { get; set; }

    public string? GrowError { get; set; }

    /// <summary>What probes find.</summary>
    public string? ProbeFailure { get; set; }

    public bool ProbeAnswers { get; set; } = true;

    /// <summary>Whether handshakes come to their ends at once.</summary>
    public bool HandshakesSettle { get; set; } = true;

    /// <summary>What is measured of the memory; the pool waits for it if this is not set.</summary>
    public Func<Harness, MemoryReading>? Reading { get; set; }

    /// <summary>Workers that send no heartbeats.</summary>
    public HashSet<WorkerKey> Hung { get; } = [];

    /// <summary>What the processes of workers that hang do; nobody looks at them if this is not set.</summary>
    public ProcessCondition? Condition { get; set; } = new(null, "it is on paper only");

    /// <summary>Where new connections go.</summary>
    public IReadOnlyList<double> Table { get; private set; }

    public IEnumerable<PoolEventKind> Events => Actions.OfType<Announce>().Select(announce => announce.Kind);

    public Verdict? VerdictOf(int command) => _verdicts.GetValueOrDefault(command);

    public int Command(Action<Supervisor, int, TimeSpan> begin)
    {
        int id = ++_lastCommand;
        begin(Supervisor, id, Now);
        Settle();
        return id;
    }

    public int Start(int slot, Release? release = null) => Command((s, id, now) => s.Start(id, slot, release, now));

    public int Drain(int slot) => Command((s, id, now) => s.Drain(id, slot, null, now));

    public int Replace(int slot, Release? release, ReplaceOrder order = ReplaceOrder.StartFirst) =>
        Command((s, id, now) => s.Replace(id, slot, release, order, now));

    public int Scale(int slots) => Command((s, id, now) => s.Scale(id, slots, null, now));

    public int Roll(RolloutPlan plan) => Command((s, id, now) => s.Roll(id, plan, now));

    public int Stop(StopMode mode = StopMode.Graceful) => Command((s, id, now) => s.Stop(id, mode, now));

    /// <summary>The process of a slot that was started last.</summary>
    public WorkerKey Newest(int slot) => Processes.Keys.Where(key => key.Slot == slot).MaxBy(key => key.Generation);

    public void Ready(WorkerKey worker)
    {
        Supervisor.Ready(worker, Now);
        Settle();
    }

    public void Exit(WorkerKey worker, int code = 0) => Exit(worker, new ExitStatus(code, null));

    public void Exit(WorkerKey worker, ExitStatus status)
    {
        Processes.Remove(worker);
        Supervisor.Exited(worker, status, ["last words"], Now);
        Settle();
    }

    public void Pass(TimeSpan time)
    {
        Now += time;
        Supervisor.Tick(Now);
        Settle();
    }

    /// <summary>Time passes, and the master is there; all workers but those that hang send heartbeats.</summary>
    public void Live(TimeSpan time, double step = 0.5)
    {
        for (TimeSpan end = Now + time; Now < end;)
        {
            BeatAll();
            Pass(TimeSpan.FromTicks(Math.Min(TimeSpan.FromSeconds(step).Ticks, (end - Now).Ticks)));
        }
    }

    /// <summary>The master was away, and reads only then what workers have sent.</summary>
    public void Away(TimeSpan time)
    {
        Pass(time);
        BeatAll();
    }

    public void BeatAll() => Beat([.. Processes.Keys.Where(worker => !Hung.Contains(worker))]);

    public void Beat(params WorkerKey[] workers)
    {
        foreach (WorkerKey worker in workers)
        {
            Supervisor.Heard(worker, isDebugged: false, Now);
            Settle();
        }
    }

    /// <summary>All slots with a worker that is ready.</summary>
    public Harness Up()
    {
        for (int slot = 0; slot < Supervisor.SlotCount; slot++)
        {
            Start(slot);
            Ready(Newest(slot));
        }

        return this;
    }

    public SlotStatus Slot(int slot) => Supervisor.Snapshot().Slots[slot];

    /// <summary>How many workers have their turn to start.</summary>
    public int InStart => Supervisor.Snapshot().Slots.SelectMany(slot => slot.Workers)
        .Count(worker => worker.State == WorkerState.Starting && worker.StartedAt + LongestStartTurn > DateTimeOffset.MinValue + Now);

    public T[] Did<T>()
        where T : SupervisionAction => [.. Actions.OfType<T>()];

    public void Settle()
    {
        for (IReadOnlyList<SupervisionAction> actions = Supervisor.TakeActions(Now); actions.Count > 0; actions = Supervisor.TakeActions(Now))
        {
            foreach (SupervisionAction action in actions)
            {
                Actions.Add(action);
                Do(action);
            }
        }
    }

    private void Do(SupervisionAction action)
    {
        Doing?.Invoke(action);
        switch (action)
        {
            case SpawnWorker spawn when SpawnError is string error:
                Supervisor.SpawnFailed(spawn.Worker, error, Now);
                break;
            case SpawnWorker spawn:
                Processes.Add(spawn.Worker, spawn.Release);
                Supervisor.Spawned(spawn.Worker, ++_lastProcess);
                break;
            case ProbeWorker probe when ProbeAnswers:
                Supervisor.Probed(probe.Worker, ProbeFailure, Now);
                break;
            case AwaitHandshakes handshakes when HandshakesSettle:
                Supervisor.HandshakesSettled(handshakes.Worker, Now);
                break;
            case MeasureMemory when Reading is not null:
                Supervisor.MemoryMeasured(Reading(this), Now);
                break;
            case ExamineWorker examine when Condition is not null:
                Supervisor.Examined(examine.Worker, Condition, Now);
                break;
            case SteerTo steer:
                Table = steer.Weights;
                break;
            case GrowSockets:
                Supervisor.SocketsGrown(GrowError, Now);
                break;
            case EndCommand end:
                _verdicts.Add(end.Command, end.Verdict);
                break;
        }
    }

    /// <param name="accident">What happens.</param>
    /// <param name="victim">Whom it happens to, if it is one of that kind.</param>
    /// <param name="choice">How much of it, 0 to 7.</param>
    public void Befall(Accident accident, WorkerKey? victim, int choice)
    {
        switch (accident)
        {
            case Accident.ViolateProtocol when victim is WorkerKey worker:
                Supervisor.ProtocolViolated(worker, "it talks too much.");
                Settle();
                break;
            case Accident.WaitABit:
                Away(TimeSpan.FromMilliseconds(700 * (choice + 1)));
                break;
            case Accident.WaitLong:
                Away(TimeSpan.FromSeconds(11 * (choice + 1)));
                break;
            case Accident.WaitAndBeat:
                Live(TimeSpan.FromSeconds(2 * (choice + 1)));
                break;
            case Accident.Hang when victim is WorkerKey worker:
                Beat(worker);
                Hung.Add(worker);
                break;
            case Accident.Recover when victim is WorkerKey worker:
                Hung.Remove(worker);
                Beat(worker);
                break;
            case Accident.BreakSpawn:
                SpawnError = "posix_spawn failed: ENOMEM.";
                break;
            case Accident.MendSpawn:
                SpawnError = null;
                break;
        }
    }
}
