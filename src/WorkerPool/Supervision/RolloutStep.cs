namespace WorkerPool.Supervision;

/// <summary>What a rollout does in one slot.</summary>
internal sealed class RolloutStep(SlotLife slot)
{
    private TimeSpan? _startedAt;
    private TimeSpan? _endedAt;
    private RolledSlot? _status;

    public SlotLife Slot { get; } = slot;

    /// <summary>What the slot ran before, to go back to.</summary>
    public Release Previous { get; } = slot.Release;

    public RolledSlotState State
    {
        get;
        private set
        {
            field = value;
            _status = null;
        }
    } = RolledSlotState.Waiting;

    public ReplaceOrder? Order { get; private set; }

    /// <summary>The new worker, once it serves.</summary>
    public WorkerLife? Baked { get; private set; }

    /// <summary>Why the new release failed here.</summary>
    public Verdict? Failure { get; private set; }

    /// <summary>How often the previous release could not be brought back.</summary>
    public int Attempts { get; private set; }

    /// <summary>Not before this the next attempt to bring it back is made.</summary>
    public TimeSpan RetryAt { get; private set; }

    public void Begin(RolledSlotState state, ReplaceOrder order, TimeSpan now)
    {
        Order = order;
        _startedAt ??= now;
        _endedAt = null;
        State = state;
    }

    public void Bake(WorkerLife? worker)
    {
        Baked = worker;
        State = RolledSlotState.Baking;
    }

    public void End(RolledSlotState state, TimeSpan now)
    {
        _endedAt = now;
        State = state;
    }

    /// <summary>The new release failed, and the slot runs the previous one again or still.</summary>
    public void Fail(Verdict failure, TimeSpan now)
    {
        Failure = failure;
        End(RolledSlotState.Failed, now);
    }

    /// <summary>The new release has the slot and must leave it.</summary>
    public void GoBack(Verdict? failure = null)
    {
        Failure ??= failure;
        State = RolledSlotState.RollingBack;
    }

    /// <summary>What failed is forgotten; the slot has its turn again, at once or when it has gone back.</summary>
    public void TryAgain()
    {
        Failure = null;
        _status = null;
        if (State is RolledSlotState.Failed or RolledSlotState.RolledBack)
        {
            State = RolledSlotState.Waiting;
        }
    }

    public void TryAgainAt(TimeSpan time)
    {
        Attempts++;
        RetryAt = time;
    }

    /// <summary>Whether something has changed since the last picture.</summary>
    public bool IsStale => _status is null;

    public RolledSlot Snapshot(DateTimeOffset epoch) => _status ??= new()
    {
        Slot = Slot.Number,
        State = State,
        PreviousLabel = Previous.Label,
        Order = Order,
        StartedAt = epoch + _startedAt,
        Duration = _endedAt - _startedAt,
        Failure = Failure,
    };
}
