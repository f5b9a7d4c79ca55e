namespace WorkerPool.Supervision;

/// <summary>Log files that somebody has moved: the workers are to open them anew.</summary>
internal sealed partial class Supervisor
{
    /// <summary>Also those that drain: they still write. One that is not ready yet is told when it is, since it may not listen yet.</summary>
    public void ReopenLogs(int command)
    {
        int count = _slots.Sum(slot => slot.ReopenLogs());
        _context.Announce(PoolEventKind.ReopeningLogs, $"{Counted.Of(count, "worker")} told to open log files anew.");
        End(command, new Verdict { Outcome = Outcome.Done, Message = $"{Counted.Of(count, "worker")} told to open log files anew." });
    }
}
