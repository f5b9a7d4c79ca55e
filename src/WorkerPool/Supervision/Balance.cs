namespace WorkerPool.Supervision;

/// <summary>
/// Takes new connections away from slots that are behind: a worker that stalls leaves its queue growing, and what waits
/// there has been spread before anybody knew.
/// </summary>
/// <remarks>
/// <code>
/// behind      more than <see cref="Backlog"/> wait, and more than twice as many as on average: no new ones
/// caught up   at most one waits: its whole part again
/// loaded      more live connections than one and a half times the average: less, in proportion, but at least half
/// </code>
/// </remarks>
internal static class Balance
{
    private const int Backlog = 2;
    private const double LoadTolerance = 1.5;
    private const double LeastOfLoaded = 0.5;

    /// <summary>What is left to a slot of its part, 0 to 1.</summary>
    /// <param name="before">What was left to it so far.</param>
    /// <param name="waiting">How many connections wait at it.</param>
    /// <param name="averageWaiting">How many wait at a slot on average.</param>
    /// <param name="connections">How many its worker serves.</param>
    /// <param name="averageConnections">How many a worker serves on average.</param>
    public static double Relief(double before, int waiting, double averageWaiting, int connections, double averageConnections)
    {
        bool wasBehind = before == 0;
        bool isBehind = wasBehind ? waiting > 1 : waiting > Backlog && waiting > 2 * averageWaiting;
        return isBehind ? 0
            : connections > LoadTolerance * averageConnections ? Math.Max(LeastOfLoaded, averageConnections / connections)
            : 1;
    }
}
