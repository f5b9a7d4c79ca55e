using System.Collections.Immutable;

namespace WorkerPool.Supervision;

/// <summary>The picture of the pool. What has not changed since the last one is shared with it, so that it costs little.</summary>
internal sealed partial class Supervisor
{
    private ImmutableList<SlotStatus> _pictures = [];
    private PoolStatus? _picture;

    public PoolStatus Snapshot()
    {
        UpdatePictures();
        RolloutStatus? rollout = _rollout?.Snapshot() ?? _lastRollout;
        if (!ReferenceEquals(_picture?.Slots, _pictures)
            || !ReferenceEquals(_picture.Rollout, rollout)
            || _picture.RespawnSuspended != _context.RespawnSuspended
            || _picture.Stopping != _context.Stopping)
        {
            _picture = new PoolStatus
            {
                Slots = _pictures,
                AcceptedTotal = _pictures.Select(slot => slot.AcceptedTotal).Concat(_acceptedInGoneSlots.Values).Aggregate(0L, Tally.Add),
                AcceptedInGoneSlots = _acceptedInGoneSlots,
                RespawnSuspended = _context.RespawnSuspended,
                Stopping = _context.Stopping,
                Rollout = rollout,
            };
        }

        return _picture;
    }

    private void UpdatePictures()
    {
        while (_pictures.Count > _slots.Count)
        {
            _pictures = _pictures.RemoveAt(_pictures.Count - 1);
        }

        for (int slot = 0; slot < _slots.Count; slot++)
        {
            if (slot == _pictures.Count)
            {
                _pictures = _pictures.Add(_slots[slot].Snapshot());
            }
            else if (_slots[slot].IsStale)
            {
                _pictures = _pictures.SetItem(slot, _slots[slot].Snapshot());
            }
        }
    }
}
