namespace WorkerPool;

/// <summary>What the kernel said of a pool when it was asked, see <see cref="Master.MeasureAsync"/>. Immutable.</summary>
public sealed record PoolMeasurement
{
    /// <summary>When the measurement began; it takes some milliseconds.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>One for each worker process, in order of slots, then generations.</summary>
    public required IReadOnlyList<WorkerMeasurement> Workers { get; init; }

    /// <summary>
    /// The accept queues: one for each slot and endpoint, in order of slots; then one for each endpoint whose socket all
    /// slots share (Unix).
    /// </summary>
    public required IReadOnlyList<QueueMeasurement> Queues { get; init; }
}
