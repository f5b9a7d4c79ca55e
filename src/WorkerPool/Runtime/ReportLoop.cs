using WorkerPool.Control;
using WorkerPool.Sockets;

namespace WorkerPool.Runtime;

/// <summary>Says to the master how many connections this worker has and has had, whenever that has changed; more often while it drains.</summary>
internal sealed class ReportLoop(ControlChannel control, ConnectionTracker connections)
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan DrainPeriod = TimeSpan.FromMilliseconds(100);

    private Report _last = new(0, 0);

    /// <summary>Until <paramref name="stop"/> is cancelled. Never fails.</summary>
    /// <param name="draining">The worker drains from now on.</param>
    /// <param name="stop">Ends the loop.</param>
    public async Task RunAsync(CancellationToken draining, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await TryReportAsync();
            bool drains = draining.IsCancellationRequested;
            using var sooner = CancellationTokenSource.CreateLinkedTokenSource(stop, drains ? CancellationToken.None : draining);
            await Task.Delay(drains ? DrainPeriod : Period, sooner.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Says what has changed since the last time; later, if the master has not read what was said before.</summary>
    public async Task TryReportAsync()
    {
        Report report = new(connections.Live, connections.Accepted);
        if (report == _last || !control.WhenSentAsync().IsCompleted)
        {
            return;
        }

        _last = report;
        try
        {
            await control.SendAsync(report);
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or ProtocolViolationException)
        {
            // The master is gone, or does not read: it does not need to know, then.
        }
    }
}
