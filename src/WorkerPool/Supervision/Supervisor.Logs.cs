namespace WorkerPool.Supervision;

/// <summary>Log files that somebody has moved: the workers are to open them anew.</summary>
internal sealed partial class Supervisor
{
    /// <summary>Also those that drain: they still write. One that is not ready yet is told when it is, since it may not listen yet.</summary>
    public void ReopenLogs(int command)
    {
        int count = _slots.Sum(slot => slot.ReopenLogs());
        _context.Announce(PoolEventKind.ReopeningLogs, Text($"{count} workers open their log files anew."));
        End(command, new Verdict { Outcome = Outcome.Done, Message = Text($"{count} workers were told to open their log files anew.") });
    }
}
