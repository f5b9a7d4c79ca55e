namespace WorkerPool;

/// <summary>Something that happened in a pool. Immutable.</summary>
public sealed record PoolEvent
{
    /// <summary>What happened.</summary>
    public required PoolEventKind Kind { get; init; }

    /// <summary>When the master noticed it.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>The event in words.</summary>
    public required string Message { get; init; }

    /// <summary>The slot, if the event is of one.</summary>
    public int? Slot { get; init; }

    /// <summary>The generation of the worker in its slot, from 1, if the event is of a worker.</summary>
    public int? Generation { get; init; }

    /// <summary>The worker's process id, if the event is of a worker.</summary>
    public int? ProcessId { get; init; }

    /// <summary>The label of the worker's release, if the event is of a worker.</summary>
    public string? Label { get; init; }

    /// <summary>How the worker ended, if it did.</summary>
    public ExitStatus? Exit { get; init; }

    /// <summary>How far the rollout is, if the event is of one.</summary>
    public RolloutProgress? Rollout { get; init; }

    /// <summary>The verdict, if a command ended.</summary>
    public Verdict? Verdict { get; init; }
}
