namespace WorkerPool.Supervision;

/// <summary>What the shell is to do next. It does the actions in their order.</summary>
internal abstract record SupervisionAction;

/// <summary>Start a process, then say <see cref="Supervisor.Spawned"/> or <see cref="Supervisor.SpawnFailed"/>.</summary>
/// <param name="Worker">The worker.</param>
/// <param name="Release">What it runs.</param>
/// <param name="Hold">Whether it gets no connection before <see cref="LetAccept"/>.</param>
internal sealed record SpawnWorker(WorkerKey Worker, Release Release, bool Hold) : SupervisionAction;

/// <summary>Probe a worker that holds, then say <see cref="Supervisor.Probed"/>.</summary>
internal sealed record ProbeWorker(WorkerKey Worker, HealthProbe Probe) : SupervisionAction;

/// <summary>Tell a worker that holds to accept connections.</summary>
internal sealed record LetAccept(WorkerKey Worker) : SupervisionAction;

/// <summary>
/// Wait until the handshakes that have begun at the slot of a worker have come to their ends, or the limit is reached;
/// then say <see cref="Supervisor.HandshakesSettled"/>.
/// </summary>
internal sealed record AwaitHandshakes(WorkerKey Worker, TimeSpan Limit) : SupervisionAction;

/// <summary>Ask a worker to stop accepting and to finish what it has.</summary>
/// <param name="Worker">The worker.</param>
/// <param name="Deadline">The time that it has.</param>
/// <param name="TakeQueue">Whether it serves what waits in its accept queue, because nobody comes after it.</param>
internal sealed record DrainWorker(WorkerKey Worker, TimeSpan Deadline, bool TakeQueue) : SupervisionAction;

/// <summary>Tell a worker to open its log files anew.</summary>
internal sealed record TellToReopenLogs(WorkerKey Worker) : SupervisionAction;

/// <summary>Tell a worker that its time is up.</summary>
internal sealed record StopWorker(WorkerKey Worker) : SupervisionAction;

/// <summary>Send a signal to a worker.</summary>
internal sealed record SignalWorker(WorkerKey Worker, int Signal) : SupervisionAction;

/// <summary>Look at the process of a worker that seems to hang, then say <see cref="Supervisor.Examined"/>.</summary>
internal sealed record ExamineWorker(WorkerKey Worker) : SupervisionAction;

/// <summary>Check the slot's listening sockets, which a worker that ended may have damaged.</summary>
internal sealed record HealSockets(int Slot) : SupervisionAction;

/// <summary>Send new connections to the slots in the proportion of these weights.</summary>
internal sealed record SteerTo(IReadOnlyList<double> Weights) : SupervisionAction;

/// <summary>Measure the machine and all workers, then say <see cref="Supervisor.MemoryMeasured"/>.</summary>
internal sealed record MeasureMemory : SupervisionAction;

/// <summary>Open listening sockets for slots up to the count, then say <see cref="Supervisor.SocketsGrown"/>.</summary>
internal sealed record GrowSockets(int Slots) : SupervisionAction;

/// <summary>The slots from the count on are gone: pass on what still arrives there, and close their sockets in time.</summary>
internal sealed record RetireSockets(int Slots) : SupervisionAction;

/// <summary>Answer a command.</summary>
internal sealed record EndCommand(int Command, Verdict Verdict) : SupervisionAction;

/// <summary>A slot has ended a command, whoever gave it: nothing is to be done, it is for the record.</summary>
/// <param name="Slot">The slot.</param>
/// <param name="Command">What it was told.</param>
/// <param name="Verdict">How it ended.</param>
internal sealed record RecordCommand(int Slot, SlotCommand Command, Verdict Verdict) : SupervisionAction;

/// <summary>Tell the world.</summary>
internal sealed record Announce(PoolEventKind Kind, string Message) : SupervisionAction
{
    public int? Slot { get; init; }

    public int? Generation { get; init; }

    public int? ProcessId { get; init; }

    public string? Label { get; init; }

    public ExitStatus? Exit { get; init; }

    public Verdict? Verdict { get; init; }

    public RolloutProgress? Rollout { get; init; }

    /// <summary>The command that began what this is of, for the record only, as all that follows.</summary>
    public int? Command { get; init; }

    /// <summary>Of a worker: whether it takes the place of one that ended unasked.</summary>
    public bool IsRespawn { get; init; }

    /// <summary>Of a worker that ended: whether the master had told it to.</summary>
    public bool WasAsked { get; init; }

    /// <summary>Of a worker that ended: whether it had been ready.</summary>
    public bool WasReady { get; init; }

    /// <summary>Of a worker that ended: what is wrong with it.</summary>
    public VerdictReason Reason { get; init; }

    /// <summary>Of a worker that ended: how many connections it took with it, as far as it had reported them.</summary>
    public int ConnectionsCut { get; init; }

    /// <summary>Of a worker that is ready or has ended: the time since its start.</summary>
    public TimeSpan Duration { get; init; }
}
