namespace WorkerPool;

/// <summary>A consistent picture of a pool at one moment. Immutable.</summary>
public sealed record PoolStatus
{
    /// <summary>The slots, in order of their numbers.</summary>
    public required IReadOnlyList<SlotStatus> Slots { get; init; }

    /// <summary>Whether dead workers stay dead, see the master.</summary>
    public required bool RespawnSuspended { get; init; }

    /// <summary>Whether the pool is stopping or stopped.</summary>
    public required bool Stopping { get; init; }

    /// <summary>The rollout that is under way, or else the last one; <see langword="null"/> if there was none.</summary>
    public RolloutStatus? Rollout { get; init; }

    /// <summary>How many slots have a worker that is ready.</summary>
    public int ReadyCount => Slots.Count(slot => slot.Workers.Any(worker => worker.State == WorkerState.Ready));

    /// <summary>How many worker processes there are.</summary>
    public int ProcessCount => Slots.Sum(slot => slot.Workers.Count);
}
