namespace WorkerPool.Supervision;

/// <summary>Sums of what workers report, which may be any number that is not negative.</summary>
internal static class Tally
{
    /// <summary>The sum; the largest number if it is larger.</summary>
    public static long Add(long a, long b) => a > long.MaxValue - b ? long.MaxValue : a + b;
}
