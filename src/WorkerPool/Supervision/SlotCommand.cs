namespace WorkerPool.Supervision;

/// <summary>What a slot has been told to do, until the verdict.</summary>
internal sealed class SlotCommand(SlotCommandKind kind, CommandOrigin origin, TimeSpan startedAt)
{
    public SlotCommandKind Kind { get; } = kind;

    public CommandOrigin Origin { get; } = origin;

    public TimeSpan StartedAt { get; } = startedAt;

    /// <summary>What the new worker runs.</summary>
    public required Release Release { get; init; }

    /// <summary>What the slot ran before, to go back to.</summary>
    public required Release Previous { get; init; }

    public ReplaceOrder Order { get; init; }

    /// <summary>The time that the new worker has to get ready, if not the pool's.</summary>
    public TimeSpan? StartDeadline { get; init; }

    /// <summary>The time that the old worker has to drain, if not the pool's.</summary>
    public TimeSpan? DrainDeadline { get; init; }

    /// <summary>How the new worker must prove itself before it gets connections.</summary>
    public HealthProbe? Probe { get; init; }

    /// <summary>The new worker has been ready and has the slot; what is left is the end of the old one.</summary>
    public bool Succeeded { get; set; }

    public int ConnectionsCut { get; set; }

    /// <summary>A replacement that failed after the old worker had gone: the verdict to give once the slot is restored.</summary>
    public Verdict? Failure { get; set; }
}

/// <summary>Who gave the command, and so is told its verdict.</summary>
/// <param name="Kind">An operator, or a work of several commands.</param>
/// <param name="Id">The operator's command, or the change of the number of slots that it is a part of.</param>
internal readonly record struct CommandOrigin(OriginKind Kind, int Id = 0)
{
    public static CommandOrigin Operator(int id) => new(OriginKind.Operator, id);
}

internal enum OriginKind
{
    Operator,
    Scale,
    Rollout,
    Recycling,
}

internal enum SlotCommandKind
{
    Start,
    Drain,
    Replace,
}
