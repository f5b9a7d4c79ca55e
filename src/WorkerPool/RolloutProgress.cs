namespace WorkerPool;

/// <summary>How far a rollout is. Immutable.</summary>
/// <param name="State">Where it is.</param>
/// <param name="Done">How many slots run the new release for good.</param>
/// <param name="Total">How many slots the plan covers.</param>
public sealed record RolloutProgress(RolloutState State, int Done, int Total);
