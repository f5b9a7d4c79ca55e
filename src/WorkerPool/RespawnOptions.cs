namespace WorkerPool;

/// <summary>When a worker that died unasked is started again.</summary>
/// <remarks>
/// A worker that was ready for <see cref="StableAfter"/> is replaced at once. One that dies earlier counts as an early
/// death; after the n-th in a row the next start waits
/// <c>min(MaxDelay, BaseDelay · Factor^(n-1))</c>, less a random part of up to <see cref="Jitter"/> of it.
/// </remarks>
public sealed class RespawnOptions
{
    /// <summary>The wait after the first early death. Default 100 ms; at least 1 ms.</summary>
    public TimeSpan BaseDelay { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>What each further early death multiplies the wait by. Default 2; 1 to 100.</summary>
    public double Factor { get; set; } = 2;

    /// <summary>The longest wait. Default 30 s; at least <see cref="BaseDelay"/>.</summary>
    public TimeSpan MaxDelay { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The part of the wait that is random. Default 0.2; 0 to 1.</summary>
    public double Jitter { get; set; } = 0.2;

    /// <summary>How long a worker must be ready to count as stable. Default 10 s.</summary>
    public TimeSpan StableAfter { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How many early deaths in a row open the breaker of a slot. Default 5; at least 1.</summary>
    public int BreakerThreshold { get; set; } = 5;

    /// <summary>The wait between attempts while the breaker is open. Default 60 s.</summary>
    public TimeSpan BreakerPeriod { get; set; } = TimeSpan.FromSeconds(60);

    internal RespawnOptions Copy() => (RespawnOptions)MemberwiseClone();
}
