namespace WorkerPool;

/// <summary>A worker process at one moment. Immutable.</summary>
public sealed record WorkerStatus
{
    /// <summary>The running number of the worker in its slot, from 1.</summary>
    public required int Generation { get; init; }

    /// <summary>The process id.</summary>
    public required int ProcessId { get; init; }

    /// <summary>The label of the release that it runs.</summary>
    public required string Label { get; init; }

    /// <summary>Where it is in its life.</summary>
    public required WorkerState State { get; init; }

    /// <summary>When it was started.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>When its last heartbeat came; <see langword="null"/>: it has sent none, and is not held to any.</summary>
    public DateTimeOffset? LastHeard { get; init; }

    /// <summary>Whether it has not been heard for half of <see cref="LivenessOptions.Deadline"/>, and gets no new connections.</summary>
    public bool IsUnresponsive { get; init; }

    /// <summary>Live connections, as the worker last reported (it reports about once a second).</summary>
    public required int Connections { get; init; }

    /// <summary>Connections that it has accepted so far, as it last reported.</summary>
    public required long Accepted { get; init; }
}
