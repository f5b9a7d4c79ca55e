namespace WorkerPool.Supervision;

/// <summary>A change of the number of slots that is under way.</summary>
internal sealed class ScaleCommand(int id, int from, int to, TimeSpan startedAt)
{
    public int Id { get; } = id;

    /// <summary>The number of slots before.</summary>
    public int From { get; } = from;

    public int To { get; } = to;

    /// <summary>The slots from here on come or go.</summary>
    public int FirstChanging => Math.Min(From, To);

    public TimeSpan StartedAt { get; } = startedAt;

    /// <summary>What the new slots run.</summary>
    public Release? Release { get; init; }

    /// <summary>The slots whose verdict is still out.</summary>
    public HashSet<int> Waiting { get; } = [];

    public int ConnectionsCut { get; set; }

    /// <summary>Why growing failed, if it did; the new slots are then taken away again.</summary>
    public Verdict? Failure { get; set; }
}
