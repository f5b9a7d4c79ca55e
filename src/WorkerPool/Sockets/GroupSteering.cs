using System.Runtime.InteropServices;
using WorkerPool.Interop;

namespace WorkerPool.Sockets;

/// <summary>
/// Keeps the steering program of one reuseport group right while the group changes: the wish is in slots, the program
/// in indices. A program that could not be made right is removed rather than left wrong.
/// </summary>
/// <param name="socketOf">The socket of a slot.</param>
/// <param name="enabled">False: the kernel is never asked.</param>
internal sealed class GroupSteering(Func<int, ListeningSocket> socketOf, bool enabled)
{
    private static readonly Libc.sock_filter[] None = [];

    private readonly ReuseportGroup _group = new();
    private double[] _weights = []; // by slot; empty: nothing was wished
    private Libc.sock_filter[]? _attached; // null: not known

    public bool IsEnabled => enabled;

    /// <summary>Why the table has no effect; null if it has.</summary>
    public string? Refusal { get; private set; }

    /// <summary>See <see cref="EndpointSockets.Steer"/>.</summary>
    public bool Steer(IReadOnlyList<double> weightsBySlot)
    {
        _weights = [.. weightsBySlot];
        Update();
        return Refusal is null;
    }

    /// <summary>Sockets are about to be added: the kernel's hash would choose them as soon as they listen.</summary>
    public void OnGrowing() => Update(growing: true);

    /// <summary>A socket began to listen.</summary>
    public void OnAdded(int slot)
    {
        _group.Add(slot);
        Update();
    }

    /// <summary>The order of the sockets that were added is not that of the kernel: there is no steering until all are closed.</summary>
    public void OnOrderLost() => _group.LoseOrder();

    /// <summary>Steers away from a slot whose socket is about to be closed, and which will not be in the table any more.</summary>
    public void OnRemoving(int slot)
    {
        if (slot < _weights.Length)
        {
            _weights[slot] = 0;
            Update();
        }

        if (_group.Contains(slot))
        {
            _group.Remove(slot);
        }
    }

    /// <summary>A worker that had a socket of the group ended: it can have changed the program of the whole group.</summary>
    public void OnWorkerEnded()
    {
        _attached = null;
        Update();
    }

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

        OnWorkerEnded();
    }

    /// <summary>Makes the kernel's program what the table asks for; without a system call if it is that already.</summary>
    public void Update() => Update(growing: false);

    private void Update(bool growing)
    {
        Refusal = null;
        if (_group.Count == 0)
        {
            _attached = null; // it goes with the last socket, and the next first one may bring one
            return;
        }

        double[] weights = [.. _group.Slots.Select(WeightOf)];
        if (weights.Length == 1 && !growing)
        {
            return; // it gets everything anyway
        }

        if (!NeedsProgram(weights, growing))
        {
            // Before Linux 5.3 nothing detaches; an even table does the same.
            _ = TryDetach() || TryAttach([.. weights.Select(_ => 1.0)]);
        }
        else if (!enabled)
        {
            Refusal = "Steering is switched off.";
        }
        else if (!TryAttach(weights))
        {
            TryDetach();
        }
    }

    // If no wish is left (its slots are gone), the hash decides.
    private static bool NeedsProgram(double[] weights, bool growing) =>
        weights.Any(weight => weight > 0) && (growing || !SteeringWeights.AreEqual(weights));

    private bool TryAttach(double[] weights)
    {
        if (!_group.IsOrderKnown)
        {
            Refusal = "Sockets ceased to listen, so their order in the kernel is not known.";
            return false;
        }

        Libc.sock_filter[] program = SteeringProgram.Compile(weights);
        string? refusal = null;
        if (!IsAttached(program) && !Steering.TryAttach(AnyMember(), program, out refusal))
        {
            Refusal = refusal;
            return false;
        }

        _attached = program;
        Refusal = null;
        return true;
    }

    private bool TryDetach()
    {
        string? refusal = null;
        bool detached = !enabled || IsAttached(None) || Steering.TryDetach(AnyMember(), out refusal);
        _attached = detached ? None : null;
        Refusal ??= refusal;
        return detached;
    }

    private bool IsAttached(Libc.sock_filter[] program) =>
        _attached is not null
        && MemoryMarshal.AsBytes<Libc.sock_filter>(_attached).SequenceEqual(MemoryMarshal.AsBytes<Libc.sock_filter>(program));

    private double WeightOf(int slot) => slot < _weights.Length ? _weights[slot] : 0;

    private ListeningSocket AnyMember() => socketOf(_group.Slots[0]);
}
