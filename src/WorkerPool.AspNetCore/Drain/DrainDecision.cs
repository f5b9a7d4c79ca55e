using WorkerPool.AspNetCore.Connections;

namespace WorkerPool.AspNetCore.Drain;

/// <summary>A connection, as the decision sees it.</summary>
/// <param name="State">What it is doing.</param>
/// <param name="Silence">For how long nothing has come or gone.</param>
/// <param name="CanMove">Whether another worker can go on to serve it.</param>
internal readonly record struct ConnectionView(ConnectionState State, TimeSpan Silence, bool CanMove = false);

/// <summary>Which connections a draining worker ends now, and which it hands over. Pure.</summary>
internal static class DrainDecision
{
    /// <summary>How many are handed over at once, so that those who take them are not flooded.</summary>
    private const int MostToMove = 100;

    /// <summary>Those that are between two requests, or have had none, and that another worker can go on to serve.</summary>
    /// <param name="connections">All that are live.</param>
    /// <returns>Indices.</returns>
    public static List<int> ChooseToMove(IReadOnlyList<ConnectionView> connections) => [.. Where(connections, IsToMove).Take(MostToMove)];

    /// <summary>
    /// Idle and HTTP/2 connections have their turn evenly over <see cref="WorkerWebOptions.IdleCloseTime"/>, the longest silent
    /// first; those that have said nothing yet, or only a part of a request, when their patience is over; the others end by themselves.
    /// Those that are to be handed over have no turn.
    /// </summary>
    /// <param name="connections">All that are live.</param>
    /// <param name="elapsed">Since the drain began.</param>
    /// <param name="ended">How many have had their turn so far.</param>
    /// <param name="options">The times.</param>
    /// <returns>Indices into <paramref name="connections"/>, and how many of them had their turn by the clock.</returns>
    public static (List<int> ToEnd, int Turns) Choose(
        IReadOnlyList<ConnectionView> connections, TimeSpan elapsed, int ended, WorkerWebOptions options)
    {
        List<int> impatient = [.. Where(connections, view =>
            !IsToMove(view) && view.State is ConnectionState.Fresh or ConnectionState.Partial && Min(view.Silence, elapsed) >= options.FirstRequestTime)];
        List<int> all = [.. Where(connections, view => !IsToMove(view) && view.State is ConnectionState.Idle or ConnectionState.Http2)];
        int turns = Due(all.Count + ended, elapsed, options.IdleCloseTime) - ended;
        List<int> chosen = [.. all
            .Where(index => connections[index].State == ConnectionState.Http2 || connections[index].Silence >= options.MinimumSilence)
            .OrderByDescending(index => connections[index].Silence)
            .Take(Math.Max(turns, 0))];
        return ([.. impatient, .. chosen], chosen.Count);
    }

    private static bool IsToMove(ConnectionView view) => view is { CanMove: true, State: ConnectionState.Idle or ConnectionState.Fresh };

    /// <summary>How many of so many have had their turn after a part of the time.</summary>
    private static int Due(int total, TimeSpan elapsed, TimeSpan over) =>
        elapsed >= over ? total : (int)(total * (elapsed / over));

    private static IEnumerable<int> Where(IReadOnlyList<ConnectionView> connections, Func<ConnectionView, bool> fits) =>
        Enumerable.Range(0, connections.Count).Where(index => fits(connections[index]));

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
