namespace WorkerPool;

/// <summary>
/// How a release goes over the pool: which slots, in which order, within which bounds, and what happens if it does not
/// prove itself. Read once, when the rollout begins.
/// </summary>
/// <remarks>
/// The bounds hold at every moment: at least (workers − <see cref="Unavailable"/>) are ready unless they die by
/// themselves, and at most (workers + <see cref="Surge"/>) processes exist (besides those that linger, see
/// <see cref="MaxLingering"/>).
/// </remarks>
public sealed record RolloutPlan
{
    /// <param name="release">What the slots shall run.</param>
    public RolloutPlan(Release release)
    {
        ArgumentNullException.ThrowIfNull(release);
        Release = release;
    }

    /// <summary>What the slots shall run.</summary>
    public Release Release { get; init; }

    /// <summary>The slots, in this order. Default (null): all. A slot that is empty on purpose is left out.</summary>
    public IReadOnlyList<int>? Slots { get; init; }

    /// <summary>Only so many of the slots, the first ones: a canary. Default (null): all of them; 1 or more.</summary>
    public int? Count { get; init; }

    /// <summary>
    /// Which worker of a slot goes first. Default (null): the new one starts first while the memory of the machine and of
    /// the control group holds one more, otherwise the old one stops first.
    /// </summary>
    public ReplaceOrder? Order { get; init; }

    /// <summary>How many slots may be in work at a time, the bake included. Default 1; 1 or more.</summary>
    public int Parallelism { get; init; } = 1;

    /// <summary>How many processes there may be beyond one for each slot. Default 1; 0 or more, 0 only with stop-first.</summary>
    public int Surge { get; init; } = 1;

    /// <summary>How many slots may be without a ready worker. Default 1; 0 or more, 0 only with start-first.</summary>
    public int Unavailable { get; init; } = 1;

    /// <summary>The time that a new worker has to be ready and healthy. Default (null): <see cref="PoolOptions.StartDeadline"/>.</summary>
    public TimeSpan? StartDeadline { get; init; }

    /// <summary>The time that an old worker has to drain. Default (null): <see cref="PoolOptions.DrainDeadline"/>.</summary>
    public TimeSpan? DrainDeadline { get; init; }

    /// <summary>How long a new worker must serve without dying before the rollout goes on. Default 1 s; 0 or more.</summary>
    public TimeSpan Bake { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How a new worker must prove itself, alone, before it gets connections. Default: it says that it is ready.</summary>
    public HealthProbe? Probe { get; init; }

    /// <summary>How many slots may fail without failing the rollout; they keep their release. Default 0; 0 or more.</summary>
    public int MaxFailures { get; init; }

    /// <summary>What happens when more fail. Default: everything goes back.</summary>
    public RolloutFailureAction OnFailure { get; init; }

    /// <summary>The time for the whole rollout; a roll-back comes on top. Default (null): none; more than 0.</summary>
    public TimeSpan? Deadline { get; init; }

    /// <summary>
    /// How many old workers may still drain while the rollout goes on with other slots. Default 0: the next slot waits
    /// for the old worker's exit. They count beyond <see cref="Surge"/>; 0 or more.
    /// </summary>
    public int MaxLingering { get; init; }

    /// <summary>Whether the memory of the machine is looked at before a worker is started. Default true.</summary>
    public bool CheckMemory { get; init; } = true;

    /// <summary>
    /// Whether nothing is done; the verdict only says what would be: slots, order, processes, memory. Default false.
    /// </summary>
    public bool DryRun { get; init; }

    /// <summary>Whether a rollout that is under way is given up for this one. Default false: this one is refused then.</summary>
    public bool Supersede { get; init; }

    /// <summary>The order if the memory does not matter.</summary>
    internal ReplaceOrder PreferredOrder => Order ?? (Surge > 0 ? ReplaceOrder.StartFirst : ReplaceOrder.StopFirst);
}
