namespace WorkerPool.Supervision;

/// <summary>Points in time that may not be set.</summary>
internal static class Deadlines
{
    /// <summary>The earlier of two; the other if one is not set.</summary>
    public static TimeSpan? Earlier(TimeSpan? a, TimeSpan? b) => a is null || b < a ? b : a;
}
