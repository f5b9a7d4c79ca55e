namespace WorkerPool.Supervision;

/// <summary>What the shell is to do next. It does the actions in their order.</summary>
internal abstract record SupervisionAction;

/// <summary>Start a process, then say <see cref="Supervisor.Spawned"/> or <see cref="Supervisor.SpawnFailed"/>.</summary>
internal sealed record SpawnWorker(WorkerKey Worker, Release Release) : SupervisionAction;

/// <summary>Ask a worker to stop accepting and to finish what it has.</summary>
/// <param name="Worker">The worker.</param>
/// <param name="Deadline">The time that it has.</param>
/// <param name="TakeQueue">Whether it serves what waits in its accept queue, because nobody comes after it.</param>
internal sealed record DrainWorker(WorkerKey Worker, TimeSpan Deadline, bool TakeQueue) : SupervisionAction;

/// <summary>Tell a worker that its time is up.</summary>
internal sealed record StopWorker(WorkerKey Worker) : SupervisionAction;

/// <summary>Send a signal to a worker.</summary>
internal sealed record SignalWorker(WorkerKey Worker, int Signal) : SupervisionAction;

/// <summary>Check the slot's listening sockets, which a worker that ended may have damaged.</summary>
internal sealed record HealSockets(int Slot) : SupervisionAction;

/// <summary>Let new connections go to the slots below the count only.</summary>
internal sealed record SteerTo(int Slots) : SupervisionAction;

/// <summary>Open listening sockets for slots up to the count, then say <see cref="Supervisor.SocketsGrown"/>.</summary>
internal sealed record GrowSockets(int Slots) : SupervisionAction;

/// <summary>The slots from the count on are gone: pass on what still arrives there, and close their sockets in time.</summary>
internal sealed record RetireSockets(int Slots) : SupervisionAction;

/// <summary>Answer a command.</summary>
internal sealed record EndCommand(int Command, Verdict Verdict) : SupervisionAction;

/// <summary>Tell the world.</summary>
internal sealed record Announce(PoolEventKind Kind, string Message) : SupervisionAction
{
    public int? Slot { get; init; }

    public int? Generation { get; init; }

    public int? ProcessId { get; init; }

    public string? Label { get; init; }

    public ExitStatus? Exit { get; init; }

    public Verdict? Verdict { get; init; }
}
