using System.Diagnostics;

namespace WorkerPool.WebBenchmarks.Load;

/// <summary>The moments at which requests are due in an open loop: a Poisson process.</summary>
internal sealed class Arrivals
{
    private readonly Random _random;
    private readonly double _meanTicks;
    private double _next;

    public Arrivals(double perSecond, long start, int seed)
    {
        _random = new Random(seed);
        _meanTicks = Stopwatch.Frequency / perSecond;
        _next = start;
        Advance();
    }

    /// <summary>The next one, a timestamp of <see cref="Stopwatch"/>.</summary>
    public long Next => (long)_next;

    public void Advance() => _next -= _meanTicks * Math.Log(1 - _random.NextDouble());
}
