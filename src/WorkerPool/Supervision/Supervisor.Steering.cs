using System.Runtime.InteropServices;

namespace WorkerPool.Supervision;

/// <summary>
/// Where new connections go. The table follows from the slots, which are looked at after whatever happened, and is the
/// first thing that the shell does: away from a slot before its worker drains, back to it when one is ready.
/// </summary>
internal sealed partial class Supervisor
{
    private readonly Dictionary<string, double> _shares = [];
    private readonly List<SteeringClaim> _claims = []; // that the table was computed from
    private double[]? _table;
    private bool _sharesChanged;

    public void SetWeight(int command, int slot, double weight)
    {
        if (!CheckSteering(command, slot))
        {
            return;
        }

        if (slot < 0 || slot >= _slots.Count)
        {
            RefuseMissing(command, slot);
            return;
        }

        _slots[slot].Weight = weight;
        End(command, new Verdict { Outcome = Outcome.Done, Slot = slot, Message = Text($"Slot {slot} has the weight {weight}.") });
    }

    public void SetShare(int command, string label, double? share)
    {
        if (!CheckSteering(command, slot: null))
        {
            return;
        }

        double others = _shares.Where(other => other.Key != label).Sum(other => other.Value);
        if (share is double given && others + given > 1)
        {
            Refuse(command, null, VerdictReason.InvalidArgument, Text($"A share of {given} for release \"{label}\" is too much: other releases have {others} together."));
            return;
        }

        if (share is null)
        {
            _shares.Remove(label);
        }
        else
        {
            _shares[label] = share.Value;
        }

        _sharesChanged = true;
        string what = share is null ? "has no fixed share any more" : Text($"gets {share.Value:P2} of the new connections while a worker of it accepts");
        End(command, new Verdict { Outcome = Outcome.Done, Message = $"Release \"{label}\" {what}." });
    }

    /// <summary>So many connections wait at each slot, in order.</summary>
    public void QueuesMeasured(IReadOnlyList<int> waiting, TimeSpan now)
    {
        SlotLife[] accepting = [.. _slots.Take(waiting.Count).Where(slot => slot.Accepts)];
        if (accepting.Length == 0)
        {
            return;
        }

        double averageWaiting = accepting.Average(slot => waiting[slot.Number]);
        double averageConnections = accepting.Average(slot => slot.Serving!.Connections);
        foreach (SlotLife slot in accepting)
        {
            slot.Balance = slot.Balance.After(waiting[slot.Number], averageWaiting, now);
            slot.LoadRelief = Balance.OfLoaded(slot.Serving!.Connections, averageConnections);
        }
    }

    private bool CheckSteering(int command, int? slot)
    {
        if (_context.Settings.HandshakeLimit is null)
        {
            Refuse(command, slot, VerdictReason.SteeringOff, "Steering is off in this pool, so the kernel spreads connections evenly. Set PoolOptions.Steering.Enabled.");
        }

        return _context.Settings.HandshakeLimit is not null;
    }

    private void Steer()
    {
        if (_context.Settings.HandshakeLimit is null)
        {
            _slots.ForEach(slot => slot.Share = 1.0 / _slots.Count); // as the kernel's hash spreads them
            return;
        }

        if (!UpdateClaims() && !_sharesChanged)
        {
            return;
        }

        _sharesChanged = false;
        double[] table = SteeringTable.Compute(_claims, _shares);
        _table ??= Even(_slots.Count); // as the sockets were opened
        for (int slot = 0; slot < table.Length; slot++)
        {
            _slots[slot].Share = table[slot];
        }

        if (!_table.SequenceEqual(table))
        {
            _table = table;
            _context.Actions.Insert(0, new SteerTo(table));
        }
    }

    /// <summary>Whether anything that decides about the table is not what it was.</summary>
    private bool UpdateClaims()
    {
        bool changed = _claims.Count != _slots.Count;
        CollectionsMarshal.SetCount(_claims, _slots.Count);
        for (int slot = 0; slot < _slots.Count; slot++)
        {
            SteeringClaim claim = _slots[slot].SteeringClaim;
            changed |= _claims[slot] != claim;
            _claims[slot] = claim;
        }

        return changed;
    }

    private static double[] Even(int count) => [.. Enumerable.Repeat(1.0 / count, count)];
}
