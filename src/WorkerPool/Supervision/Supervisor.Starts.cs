namespace WorkerPool.Supervision;

/// <summary>Workers start in turns, whatever it is that wants them: the first start, a respawn, a rollout.</summary>
internal sealed partial class Supervisor
{
    private void BeginStarts(TimeSpan now)
    {
        foreach (WorkerLife worker in _context.Starts.TakeDue(_slots, now))
        {
            _slots[worker.Key.Slot].Begin(worker, now);
        }
    }

    private void EndCancelledStarts(TimeSpan now)
    {
        foreach (WorkerLife worker in _context.Starts.TakeCancelled())
        {
            _slots[worker.Key.Slot].Cancelled(worker, now);
            EndStopIfEmpty(now);
        }
    }
}
