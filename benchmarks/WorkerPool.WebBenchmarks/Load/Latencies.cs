using System.Diagnostics;

namespace WorkerPool.WebBenchmarks.Load;

/// <summary>All latencies of one turn, exact. Used again for the next turn.</summary>
internal sealed class Latencies
{
    // A turn of 50 s at 40,000/s.
    private readonly long[] _ticks = new long[2_000_000];
    private int _count;

    public int Count => _count;

    public void Clear() => _count = 0;

    public void Add(long ticks) => _ticks[_count++] = ticks;

    public void Sort() => Array.Sort(_ticks, 0, _count);

    /// <summary>After <see cref="Sort"/>.</summary>
    public double Microseconds(double quantile) =>
        _count == 0 ? 0 : _ticks[Math.Min(_count - 1, (int)(_count * quantile))] * 1e6 / Stopwatch.Frequency;
}
