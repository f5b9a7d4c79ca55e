namespace WorkerPool.Supervision;

/// <summary>
/// Replaces workers that are due, one at a time and never beside a rollout or a change of the number of slots:
/// start-first if the memory allows; otherwise stop-first, and only while all the other slots serve.
/// </summary>
internal sealed partial class Supervisor
{
    private readonly Dictionary<WorkerKey, double> _recycleChances = [];
    private RecyclePolicy? _recyclePolicy;
    private TimeSpan _recycleLookAt;
    private bool _recycleWaits; // for the memory to be measured
    private int? _recycling;

    private TimeSpan? NextRecycleLook => _context.Settings.Recycle is null || _recycleWaits || _recycling is not null ? null : _recycleLookAt;

    private bool MayRecycle => !_context.Stopping && !_context.RespawnSuspended && _rollout is null && _scale is null && _recycling is null;

    /// <summary>Looks who may be due; measures the memory first, because it decides the order at least.</summary>
    private void LookForRecycling(TimeSpan now)
    {
        if (_context.Settings.Recycle is not RecycleOptions options || now < _recycleLookAt || _recycleWaits)
        {
            return;
        }

        _recycleLookAt = now + options.Period;
        if (MayRecycle && (options.MemoryBytes is not null || DueForRecycling(now, reading: null) is not null))
        {
            _recycleWaits = true;
            _context.Do(new MeasureMemory());
        }
    }

    private void Recycle(MemoryReading reading, TimeSpan now)
    {
        if (!_recycleWaits)
        {
            return;
        }

        _recycleWaits = false;
        if (MayRecycle && DueForRecycling(now, reading) is RecycleDue due && _slots[due.Worker.Slot] is { Command: null } slot && OrderToRecycle(slot, reading) is ReplaceOrder order)
        {
            _recycling = slot.Number;
            _context.Announce(PoolEventKind.WorkerDue, slot.Serving!, due.Reason);
            slot.BeginReplace(
                new SlotCommand(SlotCommandKind.Replace, new CommandOrigin(OriginKind.Recycling), now)
                {
                    Release = slot.Release,
                    Previous = slot.Release,
                    Order = order,
                },
                now);
        }
    }

    private void RecyclingEnded(Verdict verdict, TimeSpan now)
    {
        _recycling = null;
        _recycleLookAt = verdict.IsDone ? now : _recycleLookAt; // the next one may be due already
        if (!verdict.IsDone)
        {
            _context.Announce(PoolEventKind.Warning, verdict.Slot!.Value, $"A worker that is due could not be replaced: {verdict.Message}");
        }
    }

    private RecycleDue? DueForRecycling(TimeSpan now, MemoryReading? reading)
    {
        RecycleOptions options = _context.Settings.Recycle!;
        _recyclePolicy ??= new RecyclePolicy(options.Age, options.Connections, options.MemoryBytes, options.Jitter, _context.Settings.StableAfter);
        Dictionary<int, long?> memory = reading?.Workers.ToDictionary(worker => worker.ProcessId, worker => worker.Amount.Bytes) ?? [];
        WorkerLife[] ready = [.. _slots.Where(slot => slot.Accepts && slot.Command is null).Select(slot => slot.Serving!)];
        return _recyclePolicy.Next(now, [.. ready.Select(worker =>
            new RecycleCandidate(worker.Key, worker.ReadySince!.Value, worker.Accepted, memory.GetValueOrDefault(worker.ProcessId), ChanceOf(worker.Key)))]);
    }

    /// <summary>Drawn once for each worker, so that those that were started together are not due together.</summary>
    private double ChanceOf(WorkerKey worker)
    {
        if (!_recycleChances.TryGetValue(worker, out double chance))
        {
            foreach (WorkerKey gone in _recycleChances.Keys.Where(key => key.Slot == worker.Slot).ToArray())
            {
                _recycleChances.Remove(gone);
            }

            _recycleChances[worker] = chance = _context.Settings.Chance();
        }

        return chance;
    }

    private ReplaceOrder? OrderToRecycle(SlotLife slot, MemoryReading reading) =>
        new MemoryGate(_context.Settings.MemoryReserve).Decide(reading, surge: 1).Fit switch
        {
            MemoryFit.StartFirst => ReplaceOrder.StartFirst,
            _ when _slots.All(other => other == slot || other.Accepts) && _slots.Count > 1 => ReplaceOrder.StopFirst,
            _ => null,
        };
}
