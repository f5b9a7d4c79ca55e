namespace WorkerPool.Sockets;

/// <summary>
/// Keeps the steering program of one reuseport group right while the group changes: the wish is in slots, the program
/// in indices. A program that could not be made right is removed rather than left wrong.
/// </summary>
/// <param name="socketOf">The socket of a slot.</param>
internal sealed class GroupSteering(Func<int, ListeningSocket> socketOf)
{
    private readonly ReuseportGroup _group = new();
    private readonly HashSet<int> _wanted = [];
    private bool _attached;

    /// <summary>Why the last change had no effect; null if it had.</summary>
    public string? Refusal { get; private set; }

    /// <summary>See <see cref="EndpointSockets.Steer"/>.</summary>
    public bool Steer(IReadOnlyCollection<int> slots)
    {
        foreach (int slot in slots)
        {
            _ = socketOf(slot); // throws if there is no such slot
        }

        _wanted.Clear();
        _wanted.UnionWith(slots);
        Apply();
        return Refusal is null;
    }

    public void OnAdded(int slot)
    {
        _group.Add(slot);
        Reapply();
    }

    /// <summary>Steers away from a slot whose socket is about to be closed.</summary>
    public void OnRemoving(int slot)
    {
        if (_wanted.Remove(slot))
        {
            Apply();
        }

        if (_group.Contains(slot))
        {
            _group.Remove(slot);
        }
    }

    public void OnRemoved() => Reapply();

    /// <summary>Sockets ceased to listen; those that could be repaired listen again, in the order of the list.</summary>
    public void OnHealed(IReadOnlyList<(int Slot, SocketHealthReport Report)> reports)
    {
        int[] relistened = [.. reports.Where(one => one.Report.Relistened).Select(one => one.Slot)];
        int[] failed = [.. reports.Where(one => one.Report.Failure is not null).Select(one => one.Slot)];
        _group.RemoveUnordered([.. relistened.Concat(failed).Where(_group.Contains)]);
        foreach (int slot in relistened)
        {
            _group.Add(slot);
        }

        Reapply();
    }

    private void Reapply()
    {
        if (_wanted.Count > 0 && _group.Count > 0)
        {
            Apply();
        }
    }

    private void Apply()
    {
        int[] chosen = [.. _wanted.Where(_group.Contains)];
        Refusal = null;
        _attached &= _group.Count > 0; // the program goes with the last socket of its group
        if (chosen.Length > 0 && _group.Count > 1 && TryAttach(chosen)) // one socket may have no group, and needs none
        {
            return;
        }

        if (_attached)
        {
            _attached = !Steering.TryDetach(AnyMember(), out string? refusal);
            Refusal ??= refusal;
        }
    }

    private bool TryAttach(int[] slots)
    {
        if (!_group.IsOrderKnown)
        {
            Refusal = "Several sockets ceased to listen at once, so their order in the kernel is not known.";
            return false;
        }

        var program = SteeringProgram.Compile(slots.Select(slot => _group.IndexOf(slot)!.Value));
        bool attached = Steering.TryAttach(AnyMember(), program, out string? refusal);
        Refusal = refusal;
        _attached |= attached;
        return attached;
    }

    private ListeningSocket AnyMember() => socketOf(_group.Slots[0]);
}
