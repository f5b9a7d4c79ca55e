using System.Globalization;

namespace WorkerPool.Supervision;

/// <summary>What a plan would do if it began now.</summary>
internal static class RolloutPreview
{
    public static Verdict Of(RolloutPlan plan, IReadOnlyList<SlotLife> covered, IReadOnlyList<SlotLife> pool, MemoryReading reading, long reserve)
    {
        SlotLife[] wanted = [.. covered.Where(slot => slot.WantsWorker)];
        int surge = Math.Min(plan.Surge, Math.Min(plan.Parallelism, wanted.Length));
        MemoryDecision memory = new MemoryGate(reserve).Decide(reading, Math.Max(1, surge));
        ReplaceOrder? order = plan.CheckMemory ? Fit(plan, memory.Fit) : plan.PreferredOrder;
        return new Verdict
        {
            Outcome = order is null ? Outcome.Refused : Outcome.Done,
            Reason = order is null ? VerdictReason.NotEnoughMemory : VerdictReason.None,
            Message = Describe(plan, wanted, pool.Count(slot => slot.WantsWorker), order, memory),
            Slots = [.. wanted.Select(slot => new RolledSlot
            {
                Slot = slot.Number,
                State = RolledSlotState.Waiting,
                PreviousLabel = slot.Release.Label,
                Order = order,
            })],
        };
    }

    private static ReplaceOrder? Fit(RolloutPlan plan, MemoryFit fit) => fit switch
    {
        MemoryFit.StartFirst => plan.PreferredOrder,
        MemoryFit.StopFirst when plan.Order != ReplaceOrder.StartFirst && plan.Unavailable > 0 => ReplaceOrder.StopFirst,
        _ => null,
    };

    private static string Describe(RolloutPlan plan, SlotLife[] slots, int count, ReplaceOrder? order, MemoryDecision memory)
    {
        int atOnce = Math.Min(plan.Parallelism, order == ReplaceOrder.StopFirst ? plan.Unavailable : plan.Surge);
        int more = order == ReplaceOrder.StartFirst ? Math.Min(atOnce, slots.Length) : 0;
        int less = order == ReplaceOrder.StopFirst ? Math.Min(atOnce, slots.Length) : 0;
        string how = order is null
            ? "It would be refused."
            : Text($"{(order == ReplaceOrder.StartFirst ? "Start-first" : "Stop-first")}, {Math.Max(1, atOnce)} at a time: at most {Counted.Of(count + more, "process")}{(plan.MaxLingering > 0 ? Text($" and {plan.MaxLingering} that linger") : "")}, a ready worker in at least {Counted.Of(count - less, "slot")}.");
        return Text($"Release \"{plan.Release.Label}\" would go over {Counted.Of(slots.Length, "slot")} ({string.Join(", ", slots.Select(slot => slot.Number))}). {how} {memory.Reason}");
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
