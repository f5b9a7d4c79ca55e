using System.Globalization;

namespace WorkerPool.Supervision;

/// <summary>The commands to the pool: what is refused, and who is told the verdict.</summary>
internal sealed partial class Supervisor
{
    public void Start(int command, int slot, Release? release, TimeSpan now) => Begin(command, slot, now, life =>
    {
        if (life.HasWorkers)
        {
            Refuse(command, slot, VerdictReason.SlotOccupied, Text($"Slot {slot} has a worker already. Use replace to put another one there."));
        }
        else
        {
            life.BeginStart(CommandOrigin.Operator(command), release, now);
        }
    });

    public void Drain(int command, int slot, TimeSpan? deadline, TimeSpan now) => Begin(command, slot, now, life =>
    {
        if (!life.WantsWorker && !life.HasWorkers)
        {
            Refuse(command, slot, VerdictReason.SlotEmpty, Text($"Slot {slot} is empty already."));
        }
        else
        {
            life.BeginDrain(CommandOrigin.Operator(command), deadline ?? _context.Settings.DrainDeadline, now);
        }
    });

    public void Replace(int command, int slot, Release? release, ReplaceOrder order, TimeSpan now) => Begin(command, slot, now, life =>
    {
        if (!life.WantsWorker)
        {
            Refuse(command, slot, VerdictReason.SlotEmpty, Text($"Slot {slot} is empty, on purpose. Use start to put a worker there."));
        }
        else
        {
            life.BeginReplace(
                new SlotCommand(SlotCommandKind.Replace, CommandOrigin.Operator(command), now)
                {
                    Release = release ?? life.Release,
                    Previous = life.Release,
                    Order = order,
                },
                now);
        }
    });

    public void SuspendRespawn(int command) => SwitchRespawn(command, suspend: true, slot => slot.RespawnSuspended());

    public void ResumeRespawn(int command, TimeSpan now) => SwitchRespawn(command, suspend: false, slot => slot.RespawnResumed(now));

    /// <summary>Stops all workers. A second call may be stricter; every caller is answered when the last worker is gone.</summary>
    public void Stop(int command, StopMode mode, TimeSpan now)
    {
        _stops.Add((command, now));
        if (!_context.Stopping)
        {
            _context.Stopping = true;
            _context.Announce(PoolEventKind.PoolStopping, mode == StopMode.Graceful ? "The pool stops gracefully." : "The pool stops at once.");
            AbandonScale(now);
            AbandonRollout();
            ShutdownSlots(mode, now);
        }
        else if (mode == StopMode.Immediate)
        {
            ShutdownSlots(mode, now);
        }

        EndStopIfEmpty(now);
    }

    private void ShutdownSlots(StopMode mode, TimeSpan now)
    {
        foreach (SlotLife slot in _slots)
        {
            slot.Shutdown(mode, now);
        }
    }

    private void EndStopIfEmpty(TimeSpan now)
    {
        if (!_context.Stopping || _slots.Any(slot => slot.HasWorkers))
        {
            return;
        }

        if (!_stopped)
        {
            _stopped = true;
            _context.Announce(PoolEventKind.PoolStopped, "The last worker has ended.");
        }

        foreach ((int id, TimeSpan startedAt) in _stops)
        {
            End(id, new Verdict { Outcome = Outcome.Done, Message = "All workers have ended.", Duration = now - startedAt });
        }

        _stops.Clear();
    }

    private void Begin(int command, int slot, TimeSpan now, Action<SlotLife> begin)
    {
        if (_context.Stopping)
        {
            RefuseStopping(command, slot);
        }
        else if (slot < 0 || slot >= _slots.Count)
        {
            RefuseMissing(command, slot);
        }
        else if (_slots[slot].Command is SlotCommand busy)
        {
            Refuse(command, slot, VerdictReason.Busy, Text($"Slot {slot} is busy: a {NameOf(busy)} began {now - busy.StartedAt:g} ago. Wait for its verdict."));
        }
        else if (_rollout?.Covers(slot) is true)
        {
            Refuse(command, slot, VerdictReason.Busy, Text($"Slot {slot} is part of the rollout of release \"{_rollout.Label}\" that is under way. Wait for its verdict, or abort it."));
        }
        else if (_scale is ScaleCommand scale && slot >= scale.FirstChanging)
        {
            Refuse(command, slot, VerdictReason.Busy, Text($"Slot {slot} is busy: the number of workers is changing from {scale.From} to {scale.To}. Wait for that verdict."));
        }
        else
        {
            begin(_slots[slot]);
        }
    }

    private void SwitchRespawn(int command, bool suspend, Action<SlotLife> tell)
    {
        if (_context.RespawnSuspended != suspend)
        {
            _context.RespawnSuspended = suspend;
            _context.Announce(
                suspend ? PoolEventKind.RespawnSuspended : PoolEventKind.RespawnResumed,
                suspend ? "Workers that die stay dead." : "Workers that die are started again.");
            _slots.ForEach(tell);
        }

        End(command, new Verdict { Outcome = Outcome.Done, Message = suspend ? "Respawn is suspended." : "Respawn is on." });
    }

    private void SlotCommandEnded(SlotLife slot, SlotCommand command, Verdict verdict, TimeSpan now)
    {
        _context.Do(new RecordCommand(slot.Number, command, verdict));
        switch (command.Origin.Kind)
        {
            case OriginKind.Operator:
                End(command.Origin.Id, verdict);
                break;
            case OriginKind.Scale:
                ScaleStepEnded(slot, verdict, now);
                break;
            case OriginKind.Rollout:
                _rollout?.CommandEnded(slot, verdict, now);
                break;
            case OriginKind.Recycling:
                RecyclingEnded(verdict, now);
                break;
        }
    }

    private void RefuseStopping(int command, int? slot) =>
        Refuse(command, slot, VerdictReason.Stopping, "The pool is stopping; it takes no commands any more.");

    private void RefuseMissing(int command, int slot) =>
        Refuse(command, slot, VerdictReason.NoSuchSlot, Text($"There is no slot {slot}; the pool has the slots 0 to {_slots.Count - 1}."));

    private void Refuse(int command, int? slot, VerdictReason reason, string message) =>
        End(command, new Verdict { Outcome = Outcome.Refused, Reason = reason, Slot = slot, Message = message });

    private void End(int command, Verdict verdict)
    {
        _context.Do(new Announce(PoolEventKind.CommandEnded, verdict.Message) { Slot = verdict.Slot, Verdict = verdict });
        _context.Do(new EndCommand(command, verdict));
    }

    private static string NameOf(SlotCommand command) => command switch
    {
        { Origin.Kind: OriginKind.Scale } => "change of the number of workers",
        { Origin.Kind: OriginKind.Rollout } => "rollout",
        { Origin.Kind: OriginKind.Recycling } => "recycling",
        { Kind: SlotCommandKind.Start } => "start",
        { Kind: SlotCommandKind.Drain } => "drain",
        _ => "replacement",
    };

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
