namespace WorkerPool.Supervision;

/// <summary>What the plan's bounds allow now.</summary>
internal sealed partial class Rollout
{
    /// <summary>Processes beyond one for each slot, those counted too that died and will be started again some time.</summary>
    private int Extra => _pool.Sum(slot => Math.Max(0, slot.Workers.Count() + (IsMissing(slot) ? 1 : 0) - 1));

    /// <summary>Old workers that still drain beside their successors.</summary>
    private int Lingering => _pool.Count(slot => slot is { Leaving: not null, Serving: not null });

    private int Ready => _pool.Count(slot => slot.Accepts);

    /// <summary>The order in which a slot may be replaced now; <see langword="null"/>: not now.</summary>
    private ReplaceOrder? ChooseOrder(SlotLife slot)
    {
        ReplaceOrder wanted = _plan.Order ?? ReplaceOrder.StartFirst;
        return Allows(wanted, slot) ? wanted : null;
    }

    private static bool IsMissing(SlotLife slot) =>
        slot is { WantsWorker: true, Serving: null, Successor: null, Command: null or { Succeeded: true } };

    private bool Allows(ReplaceOrder order, SlotLife slot) => order == ReplaceOrder.StartFirst
        ? slot.Serving is null || Extra - Math.Min(Lingering, _plan.MaxLingering) < _plan.Surge
        : !slot.Accepts || Ready - 1 >= _pool.Count - _plan.Unavailable;
}
