using System.Collections.Immutable;

namespace WorkerPool.Supervision;

/// <summary>
/// Decides what the master does. Events come in as calls, with the time at which they happened; what follows from them
/// goes out through <see cref="TakeActions"/>. No I/O, no clock, no randomness of its own, no threads: the same calls
/// give the same actions.
/// </summary>
/// <remarks>Time is counted from the start of the pool and never goes back. Not thread-safe; the master's loop owns it.</remarks>
internal sealed partial class Supervisor
{
    private readonly List<SlotLife> _slots = [];
    private readonly List<(int Id, TimeSpan StartedAt)> _stops = [];
    private readonly SupervisionContext _context;
    private readonly Dictionary<int, int> _lastGenerations = []; // of slots that are gone and may come again
    private TimeSpan _now; // of the last decisions
    private ImmutableDictionary<int, long> _acceptedInGoneSlots = ImmutableDictionary<int, long>.Empty;
    private ScaleCommand? _scale;
    private bool _stopped;

    public Supervisor(SupervisionSettings settings) =>
        _context = new SupervisionContext(settings)
        {
            CommandEnded = SlotCommandEnded,
            OthersAccept = slot => _slots.Any(other => other != slot && other.Claim > 0),
        };

    public int SlotCount => _slots.Count;

    /// <summary>Whether the last worker of a stopped pool has ended.</summary>
    public bool IsStopped => _stopped;

    /// <summary>When <see cref="Tick"/> has something to do next.</summary>
    public TimeSpan? NextDeadline
    {
        get
        {
            TimeSpan? slots = _slots.Min(slot => slot.NextDeadline);
            return Deadlines.Earlier(
                Deadlines.Earlier(slots, _context.Starts.Next(_slots, _now)),
                Deadlines.Earlier(Deadlines.Earlier(_rollout?.NextDeadline, NextRecycleLook), NextLookForSilence));
        }
    }

    /// <summary>The decisions since the last call, in order.</summary>
    public IReadOnlyList<SupervisionAction> TakeActions(TimeSpan now)
    {
        _now = now;
        EndCancelledStarts(now);
        AdvanceRollout(now);
        LookForRecycling(now);
        BeginStarts(now);
        Steer();
        if (_context.Actions.Count == 0)
        {
            return [];
        }

        SupervisionAction[] actions = [.. _context.Actions];
        _context.Actions.Clear();
        return actions;
    }

    /// <summary>Makes the first slots of a pool, empty; their listening sockets exist.</summary>
    public void AddSlots(int count, Release release)
    {
        int first = _slots.Count;
        for (int slot = first; slot < first + count; slot++)
        {
            _slots.Add(new SlotLife(slot, release, _lastGenerations.GetValueOrDefault(slot), _acceptedInGoneSlots.GetValueOrDefault(slot), _context));
            _acceptedInGoneSlots = _acceptedInGoneSlots.Remove(slot);
        }
    }

    public void Spawned(WorkerKey key, int processId) => With(key, (slot, worker) => slot.Spawned(worker, processId));

    public void SpawnFailed(WorkerKey key, string message, TimeSpan now) =>
        With(key, (slot, worker) => slot.SpawnFailed(worker, message, now));

    public void Probed(WorkerKey key, string? failure, TimeSpan now) => With(key, (slot, worker) => slot.Probed(worker, failure, now));

    public void HandshakesSettled(WorkerKey key, TimeSpan now) => With(key, (slot, worker) => slot.HandshakesSettled(worker, now));

    public void Ready(WorkerKey key, TimeSpan now) => With(key, (slot, worker) => slot.Ready(worker, now));

    public void Report(WorkerKey key, int connections, long accepted) =>
        With(key, (slot, worker) => slot.Report(worker, connections, accepted));

    public void ProtocolViolated(WorkerKey key, string message) => With(key, (slot, worker) =>
    {
        _context.Announce(PoolEventKind.ProtocolViolation, worker, message);
        slot.GiveUp(worker, VerdictReason.ProtocolViolation, $"The worker broke the control protocol: {message}");
    });

    public void Exited(WorkerKey key, ExitStatus exit, IReadOnlyList<string> lastErrorLines, TimeSpan now) =>
        With(key, (slot, worker) =>
        {
            slot.Exited(worker, exit, lastErrorLines, now);
            EndStopIfEmpty(now);
        });

    public void Tick(TimeSpan now)
    {
        LookForSilence(now);
        foreach (SlotLife slot in _slots)
        {
            if (slot.NextDeadline <= now)
            {
                slot.Tick(now);
            }
        }
    }

    private void With(WorkerKey key, Action<SlotLife, WorkerLife> act)
    {
        if (Find(key) is (SlotLife slot, WorkerLife worker))
        {
            act(slot, worker);
        }
    }

    private (SlotLife Slot, WorkerLife Worker)? Find(WorkerKey key) =>
        key.Slot < _slots.Count && _slots[key.Slot].Find(key) is WorkerLife worker ? (_slots[key.Slot], worker) : null;
}
