namespace WorkerPool.Supervision;

/// <summary>
/// More slots, or fewer, always at the end: the index of a socket in the kernel's group must stay its slot.
/// </summary>
/// <remarks>
/// <code>
/// more:  1 open the new sockets (new connections go on to go to the old slots)   2 start the new workers
///        3 all are ready: done             2 fails: take the new slots away again, as below
/// fewer: 1 drain the slots that go (new connections go to the others)   2 all have ended:
///        retire their sockets (what still arrives there is passed to a live worker), done
/// </code>
/// </remarks>
internal sealed partial class Supervisor
{
    public void Scale(int command, int slots, Release? release, TimeSpan now)
    {
        if (_context.Stopping)
        {
            RefuseStopping(command, null);
        }
        else if (slots is < 1 or > PoolOptions.MaxWorkerCount)
        {
            Refuse(command, null, VerdictReason.InvalidArgument, Text($"{slots} workers are not possible; ask for 1 to {PoolOptions.MaxWorkerCount}."));
        }
        else if (_rollout is not null)
        {
            Refuse(command, null, VerdictReason.Busy, "A rollout is under way. Wait for its verdict, or abort it.");
        }
        else if (_scale is not null)
        {
            Refuse(command, null, VerdictReason.Busy, Text($"The number of workers is changing to {_scale.To} already. Wait for that verdict."));
        }
        else if (_slots.Skip(slots).FirstOrDefault(slot => slot.Command is not null) is SlotLife busy)
        {
            Refuse(command, busy.Number, VerdictReason.Busy, Text($"Slot {busy.Number} is busy with a {NameOf(busy.Command!)}. Wait for its verdict."));
        }
        else
        {
            BeginScale(new ScaleCommand(command, _slots.Count, slots, now) { Release = release }, now);
        }
    }

    /// <summary>The sockets for the new slots are open, or could not be opened.</summary>
    public void SocketsGrown(string? error, TimeSpan now)
    {
        if (_scale is not ScaleCommand scale)
        {
            return; // the pool was stopped meanwhile
        }

        if (error is not null)
        {
            scale.Failure = new Verdict { Outcome = Outcome.Failed, Reason = VerdictReason.ListenFailed, Message = error };
            EndScale(scale, now);
            return;
        }

        AddSlots(scale.To - scale.From, scale.Release ?? _slots[^1].Release);
        foreach (SlotLife slot in _slots.Skip(scale.From).ToArray())
        {
            scale.Waiting.Add(slot.Number);
            _context.Announce(PoolEventKind.SlotAdded, slot.Number, Text($"Slot {slot.Number} was added."));
            slot.BeginStart(new CommandOrigin(OriginKind.Scale, scale.Id), what: null, now);
        }
    }

    private void BeginScale(ScaleCommand scale, TimeSpan now)
    {
        _scale = scale;
        if (scale.To == scale.From)
        {
            EndScale(scale, now);
        }
        else if (scale.To > scale.From)
        {
            _context.Do(new GrowSockets(scale.To));
        }
        else
        {
            DrainSlotsFrom(scale.To, scale, now);
        }
    }

    private void DrainSlotsFrom(int first, ScaleCommand scale, TimeSpan now)
    {
        SlotLife[] leaving = [.. _slots.Skip(first)];
        scale.Waiting.UnionWith(leaving.Select(slot => slot.Number));
        foreach (SlotLife slot in leaving)
        {
            slot.BeginDrain(new CommandOrigin(OriginKind.Scale, scale.Id), _context.Settings.DrainDeadline, now);
        }
    }

    private void ScaleStepEnded(SlotLife slot, Verdict verdict, TimeSpan now)
    {
        if (_scale is not ScaleCommand scale || !scale.Waiting.Remove(slot.Number))
        {
            return;
        }

        scale.ConnectionsCut += verdict.ConnectionsCut;
        if (!verdict.IsDone)
        {
            scale.Failure ??= verdict;
        }

        if (scale.Waiting.Count == 0)
        {
            ScaleStepsEnded(scale, now);
        }
    }

    private void ScaleStepsEnded(ScaleCommand scale, TimeSpan now)
    {
        bool growing = scale.To > scale.From;
        bool allEmpty = _slots.Skip(scale.FirstChanging).All(slot => !slot.HasWorkers && !slot.WantsWorker);
        if (growing && scale.Failure is null)
        {
            EndScale(scale, now);
        }
        else if (growing && !allEmpty)
        {
            DrainSlotsFrom(scale.From, scale, now);
        }
        else
        {
            RemoveSlotsFrom(scale.FirstChanging);
            EndScale(scale, now);
        }
    }

    private void RemoveSlotsFrom(int first)
    {
        for (int slot = _slots.Count - 1; slot >= first; slot--)
        {
            _lastGenerations[slot] = _slots[slot].LastGeneration;
            _acceptedInGoneSlots = _acceptedInGoneSlots.SetItem(slot, _slots[slot].AcceptedTotal);
            _slots.RemoveAt(slot);
            _context.Announce(PoolEventKind.SlotRemoved, slot, Text($"Slot {slot} was removed."));
        }

        _context.Do(new RetireSockets(first));
    }

    private void EndScale(ScaleCommand scale, TimeSpan now)
    {
        _scale = null;
        Verdict verdict = scale.Failure is null
            ? new Verdict { Outcome = Outcome.Done, Message = Text($"The pool has {scale.To} workers; it had {scale.From}.") }
            : scale.Failure with { Message = Text($"The pool keeps {scale.From} workers. {scale.Failure.Message}") };
        End(scale.Id, verdict with { ConnectionsCut = scale.ConnectionsCut, Duration = now - scale.StartedAt });
    }

    private void AbandonScale(TimeSpan now)
    {
        if (_scale is ScaleCommand scale)
        {
            scale.Failure = new Verdict
            {
                Outcome = Outcome.Failed,
                Reason = VerdictReason.Stopping,
                Message = "The pool was stopped before the command was done.",
            };
            EndScale(scale, now);
        }
    }
}
