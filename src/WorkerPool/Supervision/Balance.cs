namespace WorkerPool.Supervision;

/// <summary>
/// Takes new connections away from slots that are behind: a worker that stalls leaves its queue growing, and what waits
/// there has been spread before anybody knew. So one that has been behind is trusted with less for a while.
/// </summary>
/// <remarks>
/// <code>
/// behind      more than <see cref="Backlog"/> wait, and more than twice as many as on average:
///             no new ones, and its part is halved (but not below a tenth)
/// caught up   at most one waits: what is left of its part; a tenth of the whole comes back every second
/// loaded      more live connections than one and a half times the average: less, in proportion, but at least half
/// </code>
/// </remarks>
/// <param name="Part">What is left to the slot of its part, 0 to 1.</param>
/// <param name="IsBehind">Whether it gets nothing now.</param>
/// <param name="Since">When that began, or when it last got a part back.</param>
internal sealed record Balance(double Part, bool IsBehind, TimeSpan Since)
{
    private const int Backlog = 2;
    private const double LeastPart = 0.1;
    private const double PartComingBack = 0.1;
    private const double LoadTolerance = 1.5;
    private const double LeastOfLoaded = 0.5;

    private static readonly TimeSpan ComingBack = TimeSpan.FromSeconds(1);

    /// <summary>A slot that was never behind.</summary>
    public static Balance Even { get; } = new(1, IsBehind: false, TimeSpan.Zero);

    /// <summary>What the slot gets of its part now, 0 to 1.</summary>
    public double Relief => IsBehind ? 0 : Part;

    /// <summary>After a look at the queues.</summary>
    /// <param name="waiting">How many connections wait at the slot.</param>
    /// <param name="averageWaiting">How many wait at a slot on average.</param>
    /// <param name="now">The time.</param>
    public Balance After(int waiting, double averageWaiting, TimeSpan now)
    {
        bool isBehind = IsBehind ? waiting > 1 : waiting > Backlog && waiting > 2 * averageWaiting;
        return this switch
        {
            _ when isBehind && !IsBehind => new Balance(Math.Max(LeastPart, Part / 2), IsBehind: true, now),
            _ when !isBehind && IsBehind => this with { IsBehind = false, Since = now },
            { IsBehind: false, Part: < 1 } when now - Since >= ComingBack => this with { Part = Math.Min(1, Part + PartComingBack), Since = now },
            _ => this,
        };
    }

    /// <summary>What is left, besides, to a slot whose worker serves many more connections than the others, 0 to 1.</summary>
    public static double OfLoaded(int connections, double averageConnections) =>
        connections > LoadTolerance * averageConnections ? Math.Max(LeastOfLoaded, averageConnections / connections) : 1;
}
