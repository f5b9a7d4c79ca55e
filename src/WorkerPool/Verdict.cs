namespace WorkerPool;

/// <summary>The end of a command: done, or not and why. Immutable.</summary>
public sealed record Verdict
{
    /// <summary>How the command ended.</summary>
    public required Outcome Outcome { get; init; }

    /// <summary>Why it failed or was refused, for programs.</summary>
    public VerdictReason Reason { get; init; }

    /// <summary>The verdict in one or two sentences, with the values that matter.</summary>
    public required string Message { get; init; }

    /// <summary>The slot that the command was for, or where it failed; <see langword="null"/> if it was for the pool.</summary>
    public int? Slot { get; init; }

    /// <summary>How the worker ended that made the command fail, if one did.</summary>
    public ExitStatus? Exit { get; init; }

    /// <summary>The last lines that this worker wrote to its standard error, oldest first; empty if there are none.</summary>
    public IReadOnlyList<string> LastErrorLines { get; init; } = [];

    /// <summary>What a rollout did in each slot, in the order of its plan; empty for other commands.</summary>
    public IReadOnlyList<RolledSlot> Slots { get; init; } = [];

    /// <summary>
    /// How many connections were cut because a worker was still serving them at the end of its drain deadline,
    /// as the worker last reported. 0 if the drain went as it should.
    /// </summary>
    public int ConnectionsCut { get; init; }

    /// <summary>The time from the command to the verdict.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>Whether the command is done.</summary>
    public bool IsDone => Outcome == Outcome.Done;

    /// <summary>Gives back this verdict if the command is done.</summary>
    /// <exception cref="CommandException">The command failed or was refused.</exception>
    public Verdict EnsureDone() => IsDone ? this : throw new CommandException(this);
}
