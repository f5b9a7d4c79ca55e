namespace WorkerPool.Supervision;

/// <summary>One worker process, from its spawn to its exit: the state and the one deadline that runs.</summary>
internal sealed class WorkerLife(WorkerKey key, Release release, TimeSpan startDeadline)
{
    public WorkerKey Key { get; } = key;

    public Release Release { get; } = release;

    /// <summary>When its process was asked for; <see langword="null"/> while it waits for its turn, see <see cref="StartTurns"/>.</summary>
    public TimeSpan? StartedAt { get; private set; }

    /// <summary>How it must prove itself after it said that it is ready, if it must.</summary>
    public HealthProbe? Probe { get; init; }

    public int ProcessId { get; set; }

    public WorkerState State { get; private set; } = WorkerState.Starting;

    /// <summary>Since when it accepts connections; <see langword="null"/> if it never did.</summary>
    public TimeSpan? ReadySince { get; private set; }

    /// <summary>When the next step of the escalation is due, if one is.</summary>
    public TimeSpan? Deadline { get; private set; }

    /// <summary>The signal to send at <see cref="Deadline"/> while stopping.</summary>
    public int NextSignal { get; private set; }

    /// <summary>The drain that follows when the handshakes that had begun have come to their ends.</summary>
    public DrainWorker? DrainAfterWithdrawal { get; private set; }

    /// <summary>Why the master gave this worker up, if it did.</summary>
    public VerdictReason Fault { get; private set; }

    public string FaultMessage { get; private set; } = "";

    public int Connections { get; set; }

    /// <summary>The live connections when it was told to stop: they are cut, by the worker itself or by its end.</summary>
    public int? ConnectionsAtStop { get; private set; }

    /// <summary>As it last reported; never less than before, whatever it says.</summary>
    public long Accepted
    {
        get;
        set => field = Math.Max(field, value);
    }

    /// <summary>Whether it takes the place of one that ended unasked, and nobody gave a command for it.</summary>
    public bool IsRespawn { get; init; }

    /// <summary>Whether the master has told it to end. One that was killed because it hangs was told nothing.</summary>
    public bool IsAskedToEnd { get; private set; }

    /// <summary>When its last heartbeat came; <see langword="null"/>: it has sent none, and is not held to any.</summary>
    public TimeSpan? LastHeard { get; private set; }

    /// <summary>Since when it is silent: its last heartbeat, or when it became ready, in <see cref="AttendedTime"/>.</summary>
    public TimeSpan SilentSince { get; private set; }

    /// <summary>Whether it said that a debugger is attached to it.</summary>
    public bool IsDebugged { get; private set; }

    /// <summary>Until when, in <see cref="AttendedTime"/>, it is left alone because somebody traces it.</summary>
    public TimeSpan SparedUntil { get; set; }

    /// <summary>Whether it was silent for so long that it gets no new connections.</summary>
    public bool IsUnresponsive { get; set; }

    /// <summary>Whether it is held to heartbeats: it sends some, has started, and is not about to be ended anyway.</summary>
    public bool IsHeld => LastHeard is not null && State is WorkerState.Ready or WorkerState.Draining;

    /// <summary>What is wrong with it, if it has ended now.</summary>
    public VerdictReason ReasonOfEnd =>
        Fault != VerdictReason.None ? Fault
        : IsAskedToEnd ? VerdictReason.None
        : ReadySince is null ? VerdictReason.ExitedBeforeReady
        : VerdictReason.ExitedAfterReady;

    /// <summary>Whether it is still to be told to open its log files anew.</summary>
    public bool OwesReopening { get; set; }

    /// <summary>It is its turn to start: the time that it has counts from here.</summary>
    public void Begin(TimeSpan now)
    {
        StartedAt = now;
        Deadline = now + startDeadline;
    }

    /// <summary>How long it is known to have done well after it was ready, when it ends now.</summary>
    public TimeSpan? ProvedLife(TimeSpan now) => (Fault == VerdictReason.HeartbeatMissed ? LastHeard : now) - ReadySince;

    /// <summary>Whether it was heard after a time; true if it is not held to heartbeats.</summary>
    public bool IsHeardSince(TimeSpan time) => LastHeard is null || LastHeard >= time;

    public void Hear(TimeSpan now, TimeSpan attended, bool isDebugged)
    {
        LastHeard = now;
        SilentSince = attended;
        IsDebugged = isDebugged;
    }

    public void BecomeReady(TimeSpan now, TimeSpan attended)
    {
        SilentSince = attended;
        State = WorkerState.Ready;
        ReadySince = now;
        Deadline = null;
    }

    /// <summary>New connections go elsewhere from now on; it still accepts, until the others have had time to complete.</summary>
    public void Withdraw(DrainWorker drainAfter, TimeSpan drainBy)
    {
        BeginDrain(drainBy);
        DrainAfterWithdrawal = drainAfter;
    }

    public void BeginDrain(TimeSpan drainBy)
    {
        DrainAfterWithdrawal = null;
        IsAskedToEnd = true;
        State = WorkerState.Draining;
        Deadline = drainBy;
    }

    public void BeginStop(TimeSpan terminateAt)
    {
        DrainAfterWithdrawal = null;
        ConnectionsAtStop ??= Connections;
        IsAskedToEnd = true;
        State = WorkerState.Stopping;
        NextSignal = Processes.SignalNames.SIGTERM;
        Deadline = terminateAt;
    }

    public void ExpectAbort(TimeSpan abortAgainAt)
    {
        NextSignal = Processes.SignalNames.SIGABRT;
        Deadline = abortAgainAt;
    }

    public void ExpectKill(TimeSpan killAt)
    {
        NextSignal = Processes.SignalNames.SIGKILL;
        Deadline = killAt;
    }

    /// <summary>SIGKILL was sent; nothing is left to do but to wait.</summary>
    public void ExpectExit()
    {
        DrainAfterWithdrawal = null;
        State = WorkerState.Stopping;
        Deadline = null;
    }

    /// <summary>How many connections its end has cut.</summary>
    public int ConnectionsCut(ExitStatus exit) => ConnectionsAtStop ?? (exit.IsSuccess ? 0 : Connections);

    public void GiveUp(VerdictReason fault, string message)
    {
        Fault = fault;
        FaultMessage = message;
        IsAskedToEnd |= fault != VerdictReason.HeartbeatMissed;
        ExpectExit();
    }
}
