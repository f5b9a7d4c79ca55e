namespace WorkerPool.Supervision;

/// <summary>What a slot has been told to do, until the verdict.</summary>
internal sealed class SlotCommand(SlotCommandKind kind, int? id, TimeSpan startedAt)
{
    public SlotCommandKind Kind { get; } = kind;

    /// <summary>Whom to answer; <see langword="null"/> if the command is part of a change of the number of slots.</summary>
    public int? Id { get; } = id;

    public TimeSpan StartedAt { get; } = startedAt;

    /// <summary>What the new worker runs.</summary>
    public Release? Release { get; init; }

    /// <summary>What the slot ran before, to go back to.</summary>
    public Release? Previous { get; init; }

    public ReplaceOrder Order { get; init; }

    /// <summary>The new worker has been ready and has the slot; what is left is the end of the old one.</summary>
    public bool Succeeded { get; set; }

    public int ConnectionsCut { get; set; }

    /// <summary>A replacement that failed after the old worker had gone: the verdict to give once the slot is restored.</summary>
    public Verdict? Failure { get; set; }
}

internal enum SlotCommandKind
{
    Start,
    Drain,
    Replace,
}
