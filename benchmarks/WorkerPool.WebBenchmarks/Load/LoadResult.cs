namespace WorkerPool.WebBenchmarks.Load;

/// <summary>What the load generator answers, as a line of JSON. Times from the moment at which a request was due.</summary>
/// <param name="Requests">Requests that were answered with 200, in full.</param>
/// <param name="Failed">All others; <paramref name="FirstFailure"/> says how the first one failed.</param>
internal sealed record LoadResult(
    long Requests,
    long Failed,
    string? FirstFailure,
    double Seconds,
    double P50Microseconds,
    double P90Microseconds,
    double P99Microseconds,
    double MaxMicroseconds)
{
    public double PerSecond => Requests / Seconds;
}
