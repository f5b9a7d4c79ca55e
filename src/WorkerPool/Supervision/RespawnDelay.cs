namespace WorkerPool.Supervision;

/// <summary>How long a slot waits before it starts a worker again; see <see cref="RespawnOptions"/>.</summary>
internal sealed record RespawnDelay(
    TimeSpan Base,
    double Factor,
    TimeSpan Max,
    double Jitter,
    int BreakerThreshold,
    TimeSpan BreakerPeriod)
{
    public bool OpensBreaker(int earlyDeaths) => earlyDeaths >= BreakerThreshold;

    /// <summary>The wait after so many early deaths in a row; none after the death of a stable worker.</summary>
    /// <param name="earlyDeaths">How many workers in a row died before they were stable.</param>
    /// <param name="chance">A number in [0, 1) that chooses how much of the jitter is taken off.</param>
    public TimeSpan After(int earlyDeaths, double chance)
    {
        if (earlyDeaths == 0)
        {
            return TimeSpan.Zero;
        }

        TimeSpan full = OpensBreaker(earlyDeaths) ? BreakerPeriod : Exponential(earlyDeaths - 1);
        return full * (1 - (Jitter * chance));
    }

    // The power may be infinite; the comparison comes before the conversion, which would overflow.
    private TimeSpan Exponential(int exponent)
    {
        double ticks = Base.Ticks * Math.Pow(Factor, exponent);
        return ticks < Max.Ticks ? TimeSpan.FromTicks((long)ticks) : Max;
    }
}
