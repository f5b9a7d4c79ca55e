namespace WorkerPool;

/// <summary>
/// A rollout that somebody outside the master asks for: what differs from the pool's own plan. What is null is as in
/// that plan; so with nothing set, the pool's release, resolved anew, is rolled out.
/// </summary>
public sealed record RolloutChanges
{
    /// <summary>What the slots shall run. Default (null): the release of the pool's own plan, resolved anew.</summary>
    public ReleaseDescription? Release { get; init; }

    /// <summary>See <see cref="RolloutPlan.Slots"/>.</summary>
    public IReadOnlyList<int>? Slots { get; init; }

    /// <summary>See <see cref="RolloutPlan.Count"/>.</summary>
    public int? Count { get; init; }

    /// <summary>See <see cref="RolloutPlan.Order"/>.</summary>
    public RolloutOrder? Order { get; init; }

    /// <summary>See <see cref="RolloutPlan.Parallelism"/>.</summary>
    public int? Parallelism { get; init; }

    /// <summary>See <see cref="RolloutPlan.Surge"/>.</summary>
    public int? Surge { get; init; }

    /// <summary>See <see cref="RolloutPlan.Unavailable"/>.</summary>
    public int? Unavailable { get; init; }

    /// <summary>See <see cref="RolloutPlan.StartDeadline"/>.</summary>
    public TimeSpan? StartDeadline { get; init; }

    /// <summary>See <see cref="RolloutPlan.DrainDeadline"/>.</summary>
    public TimeSpan? DrainDeadline { get; init; }

    /// <summary>See <see cref="RolloutPlan.Bake"/>.</summary>
    public TimeSpan? Bake { get; init; }

    /// <summary>See <see cref="RolloutPlan.Probe"/>.</summary>
    public ProbeDescription? Probe { get; init; }

    /// <summary>See <see cref="RolloutPlan.MaxFailures"/>.</summary>
    public int? MaxFailures { get; init; }

    /// <summary>See <see cref="RolloutPlan.OnFailure"/>.</summary>
    public RolloutFailureAction? OnFailure { get; init; }

    /// <summary>See <see cref="RolloutPlan.Deadline"/>.</summary>
    public TimeSpan? Deadline { get; init; }

    /// <summary>See <see cref="RolloutPlan.MaxLingering"/>.</summary>
    public int? MaxLingering { get; init; }

    /// <summary>See <see cref="RolloutPlan.CheckMemory"/>.</summary>
    public bool? CheckMemory { get; init; }

    /// <summary>See <see cref="RolloutPlan.DryRun"/>.</summary>
    public bool? DryRun { get; init; }

    /// <summary>See <see cref="RolloutPlan.Supersede"/>.</summary>
    public bool? Supersede { get; init; }
}
