namespace WorkerPool;

/// <summary>A rollout at one moment. Immutable.</summary>
public sealed record RolloutStatus
{
    /// <summary>The label of the release that is rolled out.</summary>
    public required string Label { get; init; }

    /// <summary>Where the rollout is.</summary>
    public required RolloutState State { get; init; }

    /// <summary>The slots, in the order of the plan.</summary>
    public required IReadOnlyList<RolledSlot> Slots { get; init; }

    /// <summary>When it began.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>Why it does not simply go on, or how it ended, in words; empty while all is well.</summary>
    public string Message { get; init; } = "";

    /// <summary>How many slots run the new release for good.</summary>
    public int DoneCount => Slots.Count(slot => slot.State == RolledSlotState.Done);

    /// <summary>Whether it is over.</summary>
    public bool IsOver => State is RolloutState.Done or RolloutState.RolledBack or RolloutState.Failed;
}
