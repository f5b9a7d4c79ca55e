namespace WorkerPool.Supervision;

/// <summary>What all slots of a pool share: the settings, the pool-wide switches, and the actions decided so far.</summary>
internal sealed class SupervisionContext(SupervisionSettings settings)
{
    public SupervisionSettings Settings { get; } = settings;

    public List<SupervisionAction> Actions { get; } = [];

    /// <summary>The workers that are wanted and have no process yet.</summary>
    public StartTurns Starts { get; } = new(settings.ParallelStarts, settings.LongestStartTurn);

    /// <summary>The clock for the silence of workers.</summary>
    public AttendedTime Attended { get; } = new(settings.HeartbeatDeadline ?? TimeSpan.MaxValue);

    public bool RespawnSuspended { get; set; }

    public bool Stopping { get; set; }

    /// <summary>Called when a slot has ended a command, with the verdict and the time.</summary>
    public required Action<SlotLife, SlotCommand, Verdict, TimeSpan> CommandEnded { get; init; }

    /// <summary>Whether new connections can be steered to other slots than this one, because somebody accepts there.</summary>
    public required Func<SlotLife, bool> OthersAccept { get; init; }

    public void Do(SupervisionAction action) => Actions.Add(action);

    public void Announce(PoolEventKind kind, string message) => Do(new Announce(kind, message));

    public void Announce(PoolEventKind kind, int slot, string message) => Do(new Announce(kind, message) { Slot = slot });

    public void Announce(PoolEventKind kind, WorkerLife worker, string message, TimeSpan duration = default) =>
        Do(Of(kind, worker, message) with { Duration = duration });

    public void AnnounceExit(WorkerLife worker, string message, ExitStatus exit, TimeSpan now) =>
        Do(Of(PoolEventKind.WorkerExited, worker, message) with
        {
            Exit = exit,
            WasAsked = worker.IsAskedToEnd,
            WasReady = worker.ReadySince is not null,
            Reason = worker.ReasonOfEnd,
            ConnectionsCut = worker.ConnectionsCut(exit),
            Duration = now - worker.StartedAt ?? TimeSpan.Zero,
        });

    private static Announce Of(PoolEventKind kind, WorkerLife worker, string message) => new(kind, message)
    {
        Slot = worker.Key.Slot,
        Generation = worker.Key.Generation,
        ProcessId = worker.ProcessId,
        Label = worker.Release.Label,
        IsRespawn = worker.IsRespawn,
    };
}
