using System.Collections.Immutable;

namespace WorkerPool.Supervision;

/// <summary>The picture of the rollout. Steps that have not changed since the last one are shared with it.</summary>
internal sealed partial class Rollout
{
    private ImmutableList<RolledSlot> _pictures = [];
    private RolloutStatus? _picture;

    public RolloutStatus Snapshot()
    {
        string message = Verdict?.Message ?? _failure?.Message ?? "";
        ImmutableList<RolledSlot> pictures = TakePictures();
        if (!ReferenceEquals(_picture?.Slots, pictures) || _picture.State != _state || _picture.Message != message)
        {
            _picture = new RolloutStatus
            {
                Label = Label,
                State = _state,
                Slots = pictures,
                StartedAt = _context.Settings.Epoch + _startedAt,
                Message = message,
            };
        }

        return _picture;
    }

    private ImmutableList<RolledSlot> TakePictures()
    {
        for (int i = 0; i < _steps.Count; i++)
        {
            if (i == _pictures.Count)
            {
                _pictures = _pictures.Add(_steps[i].Snapshot(_context.Settings.Epoch));
            }
            else if (_steps[i].IsStale)
            {
                _pictures = _pictures.SetItem(i, _steps[i].Snapshot(_context.Settings.Epoch));
            }
        }

        return _pictures;
    }
}
