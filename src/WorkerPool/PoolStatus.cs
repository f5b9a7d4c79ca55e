using System.Collections.Immutable;

namespace WorkerPool;

/// <summary>A consistent picture of a pool at one moment. Immutable.</summary>
public sealed record PoolStatus
{
    /// <summary>The slots, in order of their numbers.</summary>
    public required IReadOnlyList<SlotStatus> Slots { get; init; }

    /// <summary>Where the pool listens, in the order of <see cref="PoolOptions.Endpoints"/>.</summary>
    public IReadOnlyList<EndpointStatus> Endpoints { get; init; } = [];

    /// <summary>Whether dead workers stay dead, see the master.</summary>
    public required bool RespawnSuspended { get; init; }

    /// <summary>Whether the pool is stopping or stopped.</summary>
    public required bool Stopping { get; init; }

    /// <summary>The rollout that is under way, or else the last one; <see langword="null"/> if there was none.</summary>
    public RolloutStatus? Rollout { get; init; }

    /// <summary>
    /// How many connections all workers of this pool have accepted, those included that have ended, and those of slots that
    /// are gone. Never falls. Exact when the workers have reported (about once a second; a worker that drains says it for
    /// the last time when all is done); what a worker took between its last report and its death by SIGKILL is missing.
    /// Connections that a worker makes with itself to warm up do not count; those of a <see cref="HealthProbe"/> do.
    /// </summary>
    public long AcceptedTotal { get; init; }

    /// <summary>What workers have accepted in slots that the pool does not have any more.</summary>
    internal IReadOnlyDictionary<int, long> AcceptedInGoneSlots { get; init; } = ImmutableDictionary<int, long>.Empty;

    /// <summary>How many slots have a worker that is ready, and not unresponsive.</summary>
    public int ReadyCount => Slots.Count(slot => slot.Workers.Any(worker => worker is { State: WorkerState.Ready, IsUnresponsive: false }));

    /// <summary>How many worker processes there are.</summary>
    public int ProcessCount => Slots.Sum(slot => slot.Workers.Count);
}
