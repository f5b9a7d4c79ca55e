using WorkerPool.Processes;

namespace WorkerPool.Supervision;

/// <summary>Finds workers that live and do nothing, by their missing heartbeats.</summary>
/// <remarks>
/// <code>
/// silent for half the deadline   it is said, and new connections go to other slots. A heartbeat undoes it
/// silent for the deadline        one at a time, the one first that has been silent for the longest:
///                                1 the shell looks at its process: who is being traced is left alone, until the next look
///                                2 SIGABRT if there is to be a dump, then SIGKILL
///                                3 its exit brings the next worker, as with any other that ends unasked
/// </code>
/// One at a time, because when many fall silent at once the machine may be the reason, and starts would make that worse:
/// the next one has its turn when the slot of the last one serves again, or after a further deadline; until then it may be
/// heard again. Silence is counted in <see cref="AttendedTime"/>, so that a master that was away accuses nobody. While
/// respawn is suspended nobody is killed: no other worker would come.
/// </remarks>
internal sealed partial class Supervisor
{
    private (SlotLife Slot, TimeSpan At)? _lastGivenUp;
    private TimeSpan _lookForSilenceAt; // in attended time
    private bool _someoneWaits; // for its turn to be given up

    private TimeSpan? NextLookForSilence => _context.Settings.HeartbeatDeadline is not null && _slots.Any(static slot => slot.HasWorkers)
        ? _context.Attended.TimeOf(_lookForSilenceAt)
        : null;

    /// <summary>A worker has proved that it gets to its work.</summary>
    public void Heard(WorkerKey key, bool isDebugged, TimeSpan now)
    {
        if (_context.Settings.HeartbeatDeadline is not null)
        {
            _context.Attended.Look(now);
            With(key, (slot, worker) => slot.Heard(worker, isDebugged, now));
        }
    }

    /// <summary>What the process of a worker that is to be given up does.</summary>
    public void Examined(WorkerKey key, ProcessCondition condition, TimeSpan now) => With(key, (slot, worker) =>
    {
        if (condition.Tracer is int tracer)
        {
            slot.Spare(worker, tracer);
        }
        else
        {
            _lastGivenUp = (slot, _context.Attended.Now);
            slot.GiveUpSilent(worker, condition.Text, now);
        }
    });

    private void LookForSilence(TimeSpan now)
    {
        TimeSpan attended = _context.Attended.Look(now);
        if (_context.Settings.HeartbeatDeadline is not TimeSpan deadline || (attended < _lookForSilenceAt && !(_someoneWaits && IsNextOnesTurn(deadline))))
        {
            return;
        }

        _lookForSilenceAt = attended + _context.Attended.Step;
        WorkerLife? hung = null;
        foreach (SlotLife slot in _slots)
        {
            foreach (WorkerLife worker in slot.Workers.Where(worker => worker.IsHeld))
            {
                TimeSpan due = slot.CheckSilence(worker, deadline, now);
                hung = due <= attended && (hung is null || worker.SilentSince < hung.SilentSince) ? worker : hung;
                _lookForSilenceAt = due > attended && due < _lookForSilenceAt ? due : _lookForSilenceAt;
            }
        }

        _someoneWaits = hung is not null && !IsNextOnesTurn(deadline);
        if (hung is not null && !_someoneWaits)
        {
            _context.Do(new ExamineWorker(hung.Key));
        }
    }

    private bool IsNextOnesTurn(TimeSpan deadline) => _context.Stopping || (!_context.RespawnSuspended
        && (_lastGivenUp is not (SlotLife slot, TimeSpan at) || slot.Accepts || !slot.WantsWorker || _context.Attended.Now >= at + deadline));
}
