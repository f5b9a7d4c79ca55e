namespace WorkerPool.Supervision;

/// <summary>What a signal to the master means in the state that the pool is in.</summary>
internal static class SignalDecision
{
    /// <param name="action">What the operator wants the signal to do.</param>
    /// <param name="pool">The pool.</param>
    /// <param name="stopAsked">Whether an earlier signal has asked for the end, also if the pool does not show it yet.</param>
    public static SignalCommand Of(SignalAction action, PoolStatus pool, bool stopAsked)
    {
        bool stopping = stopAsked || pool.Stopping;
        return action switch
        {
            SignalAction.Untouched or SignalAction.Ignore => new DoNothing(),
            SignalAction.StopNow => new StopPool(StopMode.Immediate),
            SignalAction.Stop => new StopPool(stopping ? StopMode.Immediate : StopMode.Graceful),
            _ when stopping => new RefuseSignal("the pool is stopping."),
            SignalAction.Roll => Roll(pool),
            SignalAction.ScaleUp => new ScaleBy(1),
            SignalAction.ScaleDown => new ScaleBy(-1),
            SignalAction.DrainAll => DrainAll(pool),
            SignalAction.ReopenLogs => new ReopenAllLogs(),
            _ => new RefuseSignal("it is reserved for the replacement of the master, which this version cannot do."),
        };
    }

    /// <summary>A rollout leaves slots out that are empty on purpose; if all are, whoever drained them wants them back.</summary>
    private static SignalCommand Roll(PoolStatus pool)
    {
        if (pool.Slots.All(slot => slot.State == SlotState.Empty))
        {
            return new StartAll();
        }

        return pool.Slots.All(slot => slot.State is SlotState.Empty or SlotState.Draining)
            ? new RefuseSignal("all workers drain. Send it again when they have ended.")
            : new BeginRollout();
    }

    private static SignalCommand DrainAll(PoolStatus pool)
    {
        int[] slots = [.. pool.Slots.Where(slot => slot.State is not (SlotState.Empty or SlotState.Draining)).Select(slot => slot.Slot)];
        return slots.Length == 0 ? new RefuseSignal("there is no worker that could be drained.") : new DrainSlots(slots);
    }
}

/// <summary>What the master is to do for a signal.</summary>
internal abstract record SignalCommand;

/// <summary>Nothing.</summary>
internal sealed record DoNothing : SignalCommand;

/// <summary>Say why nothing is done.</summary>
/// <param name="Why">A sentence, to be put behind a colon.</param>
internal sealed record RefuseSignal(string Why) : SignalCommand;

/// <summary>Stop the pool.</summary>
internal sealed record StopPool(StopMode Mode) : SignalCommand;

/// <summary>Begin the rollout that the options plan.</summary>
internal sealed record BeginRollout : SignalCommand;

/// <summary>Start a worker of the planned release in each slot.</summary>
internal sealed record StartAll : SignalCommand;

/// <summary>Change the number of workers, after the changes that were asked for before.</summary>
internal sealed record ScaleBy(int Difference) : SignalCommand;

/// <summary>Drain these slots side by side.</summary>
internal sealed record DrainSlots(IReadOnlyList<int> Slots) : SignalCommand;

/// <summary>Tell all workers to open their log files anew.</summary>
internal sealed record ReopenAllLogs : SignalCommand;
