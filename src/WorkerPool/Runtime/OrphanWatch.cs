using Microsoft.Extensions.Logging;
using WorkerPool.Processes;

namespace WorkerPool.Runtime;

/// <summary>Collects orphans for as long as the master lives, where they come to it.</summary>
internal sealed class OrphanWatch : IAsyncDisposable
{
    // A zombie is an entry in a table: a second does no harm.
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private readonly PeriodicTimer _timer;
    private readonly Task _watching;

    private OrphanWatch(OrphanReaper reaper, TimeProvider time, ILogger logger)
    {
        _timer = new PeriodicTimer(Period, time);
        _watching = WatchAsync(reaper, logger);
    }

    /// <summary>Null: no orphans come to this process, or they cannot be seen, which is said.</summary>
    public static OrphanWatch? Start(PoolOptions options, ILogger logger)
    {
        if (!options.ReapOrphans && !OrphanReaper.IsInit)
        {
            return null;
        }

        if (OrphanReaper.TryCreate() is OrphanReaper reaper)
        {
            return new OrphanWatch(reaper, options.TimeProvider, logger);
        }

        MasterLog.Warning(logger, "Processes that workers leave behind stay as zombies: /proc is not mounted, or is that of another PID namespace.");
        return null;
    }

    public async ValueTask DisposeAsync()
    {
        _timer.Dispose();
        await _watching;
    }

    private async Task WatchAsync(OrphanReaper reaper, ILogger logger)
    {
        while (await _timer.WaitForNextTickAsync())
        {
            try
            {
                foreach (int orphan in reaper.Reap())
                {
                    MasterLog.OrphanCollected(logger, orphan);
                }
            }
            catch (IOException e)
            {
                MasterLog.Warning(logger, $"Orphans were not collected, and will be later: {e.Message}");
            }
        }
    }
}
