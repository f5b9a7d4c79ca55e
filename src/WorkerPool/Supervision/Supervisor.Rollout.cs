namespace WorkerPool.Supervision;

/// <summary>At most one rollout at a time; everything else about it is in <see cref="Rollout"/>.</summary>
internal sealed partial class Supervisor
{
    private readonly List<(int Command, RolloutPlan Plan)> _previews = []; // they wait for the memory
    private Rollout? _rollout;
    private (int Command, RolloutPlan Plan)? _superseding;
    private RolloutStatus? _lastRollout;

    public void Roll(int command, RolloutPlan plan, TimeSpan now)
    {
        if (_context.Stopping)
        {
            RefuseStopping(command, null);
        }
        else if (plan.Slots?.Where(slot => slot < 0 || slot >= _slots.Count).Select(slot => (int?)slot).FirstOrDefault() is int missing)
        {
            RefuseMissing(command, missing);
        }
        else if (plan.DryRun)
        {
            _previews.Add((command, plan));
            _context.Do(new MeasureMemory());
        }
        else if (_scale is not null)
        {
            Refuse(command, null, VerdictReason.Busy, "The number of workers is changing. Wait for that verdict.");
        }
        else if (_superseding is not null || (_rollout is not null && !plan.Supersede))
        {
            Refuse(command, null, VerdictReason.Busy, Text($"The rollout of release \"{_rollout!.Label}\" is under way. Wait for its verdict, abort it, or let this one supersede it."));
        }
        else if (_rollout is not null)
        {
            _superseding = (command, plan);
            if (_rollout.MayAbort)
            {
                _rollout.Abort(rollBack: false, Text($"The rollout of release \"{plan.Release.Label}\" supersedes this one."));
            }
        }
        else
        {
            BeginRollout(command, plan, now);
        }
    }

    public void MemoryMeasured(MemoryReading reading, TimeSpan now)
    {
        Recycle(reading, now);
        _rollout?.MemoryMeasured(reading);
        foreach ((int command, RolloutPlan plan) in _previews)
        {
            End(command, RolloutPreview.Of(plan, [.. SlotsOf(plan)], _slots, reading, _context.Settings.MemoryReserve));
        }

        _previews.Clear();
    }

    public void PauseRollout(int command) =>
        WithRollout(command, rollout => rollout.MayPause, "It is paused.", rollout => rollout.Pause("The rollout waits: somebody told it to. What has begun is finished."));

    public void ResumeRollout(int command) => WithRollout(command, rollout => rollout.IsPaused, "It goes on.", rollout => rollout.Resume());

    public void AbortRollout(int command, bool rollBack) =>
        WithRollout(command, rollout => rollout.MayAbort, "It is given up.", rollout => rollout.Abort(rollBack, "The rollout was aborted."));

    /// <summary>Nobody wants that rollout any more, if it is still under way; another one is left alone.</summary>
    public void AbandonRollout(int rollout)
    {
        if (_superseding?.Command == rollout)
        {
            _superseding = null;
            Refuse(rollout, null, VerdictReason.Aborted, "The rollout was given up before it began.");
        }
        else if (_rollout?.Id == rollout && _rollout.MayAbort)
        {
            _rollout.Abort(rollBack: true, "The rollout was aborted: the client that asked for it is gone.");
        }
    }

    private void BeginRollout(int command, RolloutPlan plan, TimeSpan now)
    {
        _rollout = new Rollout(command, plan, SlotsOf(plan), _slots, _context, now);
    }

    private IEnumerable<SlotLife> SlotsOf(RolloutPlan plan) =>
        (plan.Slots?.Where(slot => slot < _slots.Count).Select(slot => _slots[slot]) ?? _slots).Take(plan.Count ?? int.MaxValue);

    private void WithRollout(int command, Func<Rollout, bool> may, string message, Action<Rollout> act)
    {
        if (_rollout is null)
        {
            Refuse(command, null, VerdictReason.NoRollout, "No rollout is under way.");
        }
        else if (!may(_rollout))
        {
            Refuse(command, null, VerdictReason.NoRollout, Text($"This is not possible now: the rollout of release \"{_rollout.Label}\" is in the state {_rollout.Progress.State}."));
        }
        else
        {
            act(_rollout);
            End(command, new Verdict { Outcome = Outcome.Done, Message = message });
        }
    }

    private void AdvanceRollout(TimeSpan now)
    {
        _rollout?.Advance(now);
        if (_rollout?.Verdict is null)
        {
            return;
        }

        EndRollout(_rollout);
        if (_superseding is (int command, RolloutPlan plan))
        {
            _superseding = null;
            BeginRollout(command, plan, now);
            _rollout?.Advance(now);
        }
    }

    private void EndRollout(Rollout rollout)
    {
        _rollout = null;
        _lastRollout = rollout.Snapshot();
        _context.Do(new Announce(PoolEventKind.RolloutEnded, rollout.Verdict!.Message) { Label = rollout.Label, Rollout = rollout.Progress, Verdict = rollout.Verdict });
        End(rollout.Id, rollout.Verdict);
    }

    private void AbandonRollout()
    {
        _previews.ForEach(preview => Refuse(preview.Command, null, VerdictReason.Stopping, "The pool is stopping."));
        _previews.Clear();
        if (_superseding is (int command, _))
        {
            _superseding = null;
            Refuse(command, null, VerdictReason.Stopping, "The pool was stopped before the rollout began.");
        }

        if (_rollout is not null)
        {
            _rollout.Abandon();
            EndRollout(_rollout);
        }
    }
}
