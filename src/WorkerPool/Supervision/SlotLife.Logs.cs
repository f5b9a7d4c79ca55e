namespace WorkerPool.Supervision;

/// <summary>Which workers of the slot open their log files anew, and when.</summary>
internal sealed partial class SlotLife
{
    /// <summary>Tells the slot's workers; how many there are.</summary>
    public int ReopenLogs()
    {
        WorkerLife[] workers = [.. Workers];
        foreach (WorkerLife worker in workers)
        {
            worker.OwesReopening = true;
            SettleReopening(worker);
        }

        return workers.Length;
    }

    private void SettleReopening(WorkerLife worker)
    {
        if (worker.OwesReopening && worker.ReadySince is not null)
        {
            worker.OwesReopening = false;
            context.Do(context.Settings.ReopenLogsSignal is int signal
                ? new SignalWorker(worker.Key, signal)
                : new TellToReopenLogs(worker.Key));
        }
    }
}
