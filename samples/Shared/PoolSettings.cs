using WorkerPool;

namespace Samples;

/// <summary>What every sample can be told about its pool. Master and workers read the same command line.</summary>
internal sealed record PoolSettings
{
    public required int Workers { get; init; }

    /// <summary>The label of the release; null: the library's default.</summary>
    public string? Label { get; init; }

    /// <summary>Which worker of a slot goes first in a rollout; null: as the memory allows.</summary>
    public ReplaceOrder? Order { get; init; }

    /// <summary>How long a new worker must serve without dying before a rollout goes on.</summary>
    public required TimeSpan Bake { get; init; }

    public required TimeSpan DrainDeadline { get; init; }

    /// <summary>Where the control socket is; null: there is none.</summary>
    public string? Control { get; init; }

    public void Apply(PoolOptions pool)
    {
        Release release = Release.Current(Label);
        pool.WorkerCount = Workers;
        pool.DrainDeadline = DrainDeadline;
        pool.ControlPath = Control;
        pool.Release = release;
        pool.PlanRollout = () => new RolloutPlan(release.Refresh()) { Order = Order, Bake = Bake };
    }
}
