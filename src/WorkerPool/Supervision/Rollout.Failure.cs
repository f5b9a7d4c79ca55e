namespace WorkerPool.Supervision;

/// <summary>How a rollout ends otherwise: failures, roll-back, pause, abort.</summary>
internal sealed partial class Rollout
{
    // A release that ran a moment ago starts again sooner or later, unless its files are gone.
    private const int RestoreAttempts = 5;

    public bool IsPaused => _state == RolloutState.Paused;

    public bool MayPause => _state == RolloutState.Rolling;

    public bool MayAbort => _state is RolloutState.Rolling or RolloutState.Paused;

    public void Pause(string why)
    {
        _state = RolloutState.Paused;
        Announce(PoolEventKind.RolloutPaused, why);
    }

    /// <summary>Goes on, and tries the slots again that had failed.</summary>
    public void Resume()
    {
        _state = RolloutState.Rolling;
        _failure = null;
        _steps.FindAll(step => step.Failure is not null).ForEach(step => step.TryAgain());
        Announce(PoolEventKind.RolloutResumed, "The rollout goes on.");
    }

    public void Abort(bool rollBack, string why)
    {
        GiveUp(new Verdict { Outcome = Outcome.Failed, Reason = VerdictReason.Aborted, Message = why }, rollBack);
    }

    /// <summary>The pool stops: its slots have ended their commands already, and nothing is started any more.</summary>
    public void Abandon()
    {
        _failure = new Verdict { Outcome = Outcome.Failed, Reason = VerdictReason.Stopping, Message = "The pool was stopped before the rollout was done." };
        End(RolloutState.Failed, _failure.Message);
    }

    private void Failed(RolloutStep step, Verdict failure)
    {
        Announce(PoolEventKind.RolloutSlotFailed, failure.Message, step.Slot.Number);
        if (_state == RolloutState.Rolling && _steps.Count(one => one.Failure is not null) > _plan.MaxFailures)
        {
            Fail(failure);
        }
    }

    private void Fail(Verdict failure)
    {
        if (_plan.OnFailure == RolloutFailureAction.Pause)
        {
            _failure = failure;
            Pause($"The rollout waits, because its release failed: {failure.Message}");
        }
        else
        {
            GiveUp(failure, rollBack: _plan.OnFailure == RolloutFailureAction.RollBack);
        }
    }

    private void CheckDeadline()
    {
        if (_state is RolloutState.Rolling or RolloutState.Paused && _startedAt + _plan.Deadline <= _now)
        {
            GiveUp(
                new Verdict
                {
                    Outcome = Outcome.Failed,
                    Reason = VerdictReason.RolloutDeadlineExceeded,
                    Message = Text($"The rollout was not done after {_plan.Deadline}."),
                },
                rollBack: _plan.OnFailure != RolloutFailureAction.Stop);
        }
    }

    private void GiveUp(Verdict failure, bool rollBack)
    {
        _failure = failure;
        _state = rollBack ? RolloutState.RollingBack : RolloutState.Stopping;
        Announce(
            rollBack ? PoolEventKind.RollBackBegan : PoolEventKind.RolloutStopping,
            (rollBack ? "The slots get their previous releases back. " : "What has begun is finished. ") + failure.Message);
        foreach (RolloutStep step in _steps)
        {
            if (step.State == RolledSlotState.Replacing)
            {
                step.Slot.CancelReplace(failure.Message);
            }
        }
    }

    /// <summary>Everything that is settled with the new release goes back.</summary>
    private void SendBack()
    {
        foreach (RolloutStep step in _steps.Where(step => IsSettled(step) && step.Slot.Release == _plan.Release && step.Previous != _plan.Release))
        {
            step.GoBack();
        }
    }

    private void BeginRestores()
    {
        // Slots whose worker is dead come first: they cost nothing, and miss the most.
        foreach (RolloutStep step in _steps.Where(step => step.State == RolledSlotState.RollingBack).OrderBy(step => step.Slot.Accepts).ToArray())
        {
            Restore(step);
        }
    }

    private void Restore(RolloutStep step)
    {
        SlotLife slot = step.Slot;
        bool isDead = IsMissing(slot);
        if (isDead && slot.Release == step.Previous && (slot.EarlyDeaths >= RestoreAttempts || !slot.WillRespawn))
        {
            GiveUpRestore(step, slot.LastDeath!);
        }
        else if (isDead && slot.Release != step.Previous)
        {
            step.Begin(RolledSlotState.RollingBack, ReplaceOrder.StopFirst, _now);
            slot.Revert(step.Previous, _now);
        }
        else if (slot.Command is null
            && slot.Release != step.Previous
            && step.RetryAt <= _now
            && _steps.Count(one => one.Slot.Command is not null) < _plan.Parallelism
            && ChooseOrder(slot) is ReplaceOrder order)
        {
            step.Begin(RolledSlotState.RollingBack, order, _now);
            Replace(step, step.Previous, order, probe: null, startDeadline: null);
        }
    }

    /// <summary>Nothing is under way in the slot, or what is under way has switched it for good.</summary>
    private static bool IsSettled(RolloutStep step) =>
        step.State is RolledSlotState.Baking or RolledSlotState.Done or RolledSlotState.Failed && step.Attempts < RestoreAttempts;

    private void RestoreEnded(RolloutStep step, Verdict verdict)
    {
        if (verdict.IsDone || step.Slot.Release == step.Previous)
        {
            return; // seen when it accepts
        }

        step.TryAgainAt(_now + _context.Settings.RespawnDelay.After(step.Attempts + 1, _context.Settings.Chance()));
        if (step.Attempts >= RestoreAttempts)
        {
            GiveUpRestore(step, verdict);
        }
        else
        {
            Announce(PoolEventKind.Warning, Text($"Slot {step.Slot.Number} did not get release \"{step.Previous.Label}\" back yet (attempt {step.Attempts}): {verdict.Message}"), step.Slot.Number);
        }
    }

    private void GiveUpRestore(RolloutStep step, Verdict why)
    {
        step.Fail(step.Failure ?? why, _now);
        Failed(step, why with { Message = Text($"Slot {step.Slot.Number} did not get release \"{step.Previous.Label}\" back: {why.Message}") });
    }

    private void EndIfOver()
    {
        bool working = _steps.Any(step =>
            step.State is RolledSlotState.Replacing or RolledSlotState.Baking or RolledSlotState.RollingBack
            || step.Slot.Command is { Origin.Kind: OriginKind.Rollout }
            || (step.State == RolledSlotState.Waiting && _state is RolloutState.Rolling or RolloutState.Paused));
        if (working || _state == RolloutState.Paused || Verdict is not null)
        {
            return;
        }

        switch (_state)
        {
            case RolloutState.Rolling:
                int failed = _steps.Count(step => step.Failure is not null);
                End(RolloutState.Done, Text($"Release \"{Label}\" runs in {Counted.Of(_steps.Count(step => step.State == RolledSlotState.Done), "slot")}{(failed > 0 ? Text($"; {failed} kept theirs") : "")}."));
                break;
            case RolloutState.RollingBack when _steps.All(step => step.Slot.Release == step.Previous):
                End(RolloutState.RolledBack, Text($"Every slot runs what it ran before. {_failure!.Message}"));
                break;
            default:
                End(RolloutState.Failed, Text($"Release \"{Label}\" runs in {_steps.Count(step => step.Slot.Release == _plan.Release)} of {Counted.Of(_steps.Count, "slot")}. {_failure!.Message}"));
                break;
        }
    }

    private void End(RolloutState state, string message)
    {
        _state = state;
        Verdict = (_failure ?? new Verdict { Outcome = Outcome.Done, Message = message }) with
        {
            Outcome = state switch
            {
                RolloutState.Done => Outcome.Done,
                RolloutState.RolledBack => Outcome.RolledBack,
                _ => Outcome.Failed,
            },
            Message = message,
            Slot = null,
            Duration = _now - _startedAt,
            ConnectionsCut = _connectionsCut,
            Slots = TakePictures(),
        };
    }
}
