namespace WorkerPool.Supervision;

/// <summary>What the plan's bounds allow now.</summary>
internal sealed partial class Rollout
{
    private MemoryReading? _reading;
    private bool _isMeasuring;

    /// <summary>Processes beyond one for each slot, those counted too that died and will be started again some time.</summary>
    private int Extra => _pool.Sum(static slot => Math.Max(0, slot.WorkerCount + (IsMissing(slot) ? 1 : 0) - 1));

    /// <summary>Old workers that still drain beside their successors.</summary>
    private int Lingering => _pool.Count(slot => slot is { Leaving: not null, Serving: not null });

    private int Ready => _pool.Count(slot => slot.Accepts);

    public void MemoryMeasured(MemoryReading reading)
    {
        _reading = reading;
        _isMeasuring = false;
    }

    /// <summary>
    /// The order in which a slot may be replaced now; <see langword="null"/>: not now, because a bound is reached, the
    /// memory is being measured, or it will hold a worker more when one that drains is gone.
    /// </summary>
    private ReplaceOrder? ChooseOrder(SlotLife slot)
    {
        ReplaceOrder preferred = _plan.PreferredOrder;
        bool mayChange = _plan.Order is null && _plan.Unavailable > 0;
        if (!Allows(preferred, slot) && !(mayChange && Allows(ReplaceOrder.StopFirst, slot)))
        {
            return null;
        }

        ReplaceOrder? fitting = _plan.CheckMemory ? FitMemory(preferred, mayChange) : preferred;
        return fitting is ReplaceOrder order && Allows(order, slot) ? order : null;
    }

    private ReplaceOrder? FitMemory(ReplaceOrder preferred, bool mayChange)
    {
        if (_reading is null)
        {
            Measure();
            return null;
        }

        int starting = _pool.Sum(static slot => slot.StartingCount);
        MemoryDecision decision = new MemoryGate(_context.Settings.MemoryReserve).Decide(_reading, surge: 1, starting);
        switch (decision.Fit)
        {
            case MemoryFit.StartFirst:
            case MemoryFit.StopFirst when preferred == ReplaceOrder.StopFirst:
                return preferred;
            case MemoryFit.StopFirst when mayChange:
                return ReplaceOrder.StopFirst;
        }

        // A roll-back is not refused: the slots have to run something. Nor is a start that has only to wait for its turn.
        if (_state == RolloutState.RollingBack)
        {
            return preferred;
        }

        if (Extra == 0 && starting == 0)
        {
            GiveUp(
                new Verdict { Outcome = Outcome.Failed, Reason = VerdictReason.NotEnoughMemory, Message = decision.Reason },
                rollBack: _plan.OnFailure == RolloutFailureAction.RollBack);
        }

        return null;
    }

    private void Measure()
    {
        if (!_isMeasuring)
        {
            _isMeasuring = true;
            _context.Do(new MeasureMemory());
        }
    }

    private static bool IsMissing(SlotLife slot) =>
        slot is { WantsWorker: true, Serving: null, Successor: null, Command: null or { Succeeded: true } };

    private bool Allows(ReplaceOrder order, SlotLife slot) => order == ReplaceOrder.StartFirst
        ? slot.Serving is null || Extra - Math.Min(Lingering, _plan.MaxLingering) < _plan.Surge
        : !slot.Accepts || Ready - 1 >= _pool.Count - _plan.Unavailable;
}
