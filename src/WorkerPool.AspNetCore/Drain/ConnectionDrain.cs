using System.Diagnostics.CodeAnalysis;
using WorkerPool.AspNetCore.Connections;

namespace WorkerPool.AspNetCore.Drain;

/// <summary>
/// The drain of the connections that Kestrel serves:
/// <code>
/// 1  the listeners end: what waits in the kernel's queue is the next worker's (or is taken first, if the master says so)
/// 2  every answer of HTTP/1.1 says Connection: close, so its client comes back elsewhere
/// 3  idle connections are handed over to another worker, if one takes them. What cannot go there is closed one after the
///    other; HTTP/2 is told GOAWAY, its streams go on
/// 4  what lives on has until the deadline: long answers, WebSockets
/// 5  the last one is closed, or the deadline is there: ApplicationStopping, Kestrel stops, the process ends
/// </code>
/// This class does 3; 1 is the worker's, 2 <see cref="RequestTracking"/>'s, 5 the host's.
/// </summary>
[SuppressMessage("Performance", "CA1812", Justification = "Made by the app's services.")]
internal sealed class ConnectionDrain(WorkerConnections connections, WorkerWebOptions options, TimeProvider time)
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(20);

    /// <summary>Ends connections until the task has ended or the token fires. Never fails.</summary>
    public async Task RunAsync(Task until, CancellationToken giveUp)
    {
        long begin = time.GetTimestamp();
        int ended = 0;
        while (!until.IsCompleted && !giveUp.IsCancellationRequested)
        {
            ended += EndSome(time.GetElapsedTime(begin), ended);
            await until.WaitAsync(Period, time, giveUp).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>The end of the last connection.</summary>
    public async Task WhenNoneAsync(CancellationToken giveUp)
    {
        using PeriodicTimer timer = new(Period, time);
        while (!connections.IsEmpty)
        {
            await timer.WaitForNextTickAsync(giveUp);
        }
    }

    private int EndSome(TimeSpan elapsed, int ended)
    {
        List<WorkerConnection> live = connections.ToList();
        List<ConnectionView> views = live.ConvertAll(connection => new ConnectionView(connection.State, connection.Silence, connection.CanMove));
        foreach (int index in DrainDecision.ChooseToMove(views))
        {
            live[index].AskFor(Departure.HandOver);
        }

        (List<int> toEnd, int turns) = DrainDecision.Choose(views, elapsed, ended, options);
        foreach (int index in toEnd)
        {
            End(live[index]);
        }

        return turns;
    }

    private static void End(WorkerConnection connection)
    {
        if (connection.State is ConnectionState.Http2 or ConnectionState.Partial)
        {
            connection.Finish();
        }
        else
        {
            connection.AskFor(Departure.Close);
        }
    }
}
