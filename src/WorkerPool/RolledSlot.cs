namespace WorkerPool;

/// <summary>What a rollout did, or does, in one slot. Immutable.</summary>
public sealed record RolledSlot
{
    /// <summary>The slot.</summary>
    public required int Slot { get; init; }

    /// <summary>Where the rollout is with it.</summary>
    public required RolledSlotState State { get; init; }

    /// <summary>The label of the release that the slot ran before.</summary>
    public required string PreviousLabel { get; init; }

    /// <summary>The order in which the workers were replaced, once that is decided.</summary>
    public ReplaceOrder? Order { get; init; }

    /// <summary>When the rollout began with the slot, if it did.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>The time from there to the end in this slot; <see langword="null"/> while there is none.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>Why the new release failed in this slot, if it did.</summary>
    public Verdict? Failure { get; init; }
}
