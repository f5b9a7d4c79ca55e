namespace WorkerPool.Benchmarks.Load;

/// <summary>What is compared: a way to roll out, and what a new worker does before it gets clients.</summary>
internal sealed record RolloutVariant(string Name)
{
    private const int Warm = 300;

    public ReplaceOrder Order { get; init; } = ReplaceOrder.StopFirst;

    public bool Steering { get; init; } = true;

    public int WarmUpConnections { get; init; } = Warm;

    public TimeSpan SlowStart { get; init; }

    public int StartNice { get; init; } = new PoolOptions().StartNice;

    /// <summary>Whether the workers are those of <c>WorkerPool.LoadWorker</c>, which is to be published first.</summary>
    public bool IsPublished { get; init; }

    /// <summary>Worker programs of C: no compilation, no collector.</summary>
    public bool IsNative { get; init; }

    /// <summary>
    /// The rollouts are of another pool, which has no clients: what the start of such processes costs anyone on this machine.
    /// </summary>
    public bool IsBeside { get; init; }

    /// <summary>As many connections as the machine can serve, a closed loop, instead of a rate: is any lost?</summary>
    public bool IsSaturated { get; init; }

    public static IReadOnlyList<RolloutVariant> All { get; } =
    [
        new("stop-first"),
        new("stop-first-beside") { IsBeside = true },
        new("stop-first-unsteered") { Steering = false },
        new("start-first") { Order = ReplaceOrder.StartFirst },
        new("stop-first-saturated") { IsSaturated = true },
        new("start-first-saturated") { IsSaturated = true, Order = ReplaceOrder.StartFirst },
        new("cold") { WarmUpConnections = 0 },
        new("cold-slow-start") { WarmUpConnections = 0, SlowStart = TimeSpan.FromSeconds(1) },
        new("normal-priority") { StartNice = 0 },
        new("lowest-priority") { StartNice = 19 },
        new("published") { IsPublished = true },
        new("published-beside") { IsPublished = true, IsBeside = true },
        new("published-start-first") { IsPublished = true, Order = ReplaceOrder.StartFirst },
        new("native") { IsNative = true },
        new("native-beside") { IsNative = true, IsBeside = true },
        new("native-unsteered") { IsNative = true, Steering = false },
        new("native-start-first") { IsNative = true, Order = ReplaceOrder.StartFirst },
    ];
}
