namespace WorkerPool.Supervision;

/// <summary>A slot whose worker would take an idle connection over, and its part of all new connections.</summary>
internal readonly record struct Taker(int Slot, double Share);

/// <summary>Who is asked first to take an idle connection over. Pure.</summary>
internal static class TakerChoice
{
    /// <summary>
    /// The next worker of the same slot, so that a rollout leaves the connections of a slot where they are; then the others at random,
    /// in the proportion in which they get new connections. A slot that gets none gets none of these either.
    /// </summary>
    /// <param name="from">The slot that the connection comes from.</param>
    /// <param name="takers">All that would take it.</param>
    /// <param name="chance">Random numbers, 0 to 1.</param>
    /// <returns>Indices into <paramref name="takers"/>, in the order in which they are to be asked.</returns>
    public static IReadOnlyList<int> Order(int from, IReadOnlyList<Taker> takers, Func<double> chance) =>
    [
        .. takers.Index()
            .Where(taker => taker.Item.Share > 0)
            .Select(taker => (taker.Index, Time: taker.Item.Slot == from ? -1 : TimeUntilChosen(taker.Item.Share, chance())))
            .OrderBy(taker => taker.Time)
            .Select(taker => taker.Index),
    ];

    // Of events that come at random, each at its own rate, the next is any one with a probability in proportion to its rate.
    private static double TimeUntilChosen(double rate, double chance) => -Math.Log(1 - chance) / rate;
}
