using WorkerPool.Supervision;
using Xunit;

namespace WorkerPool.Tests.Supervision;

public class SignalDecisionTests
{
    private const SlotState Ready = SlotState.Ready;
    private const SlotState Empty = SlotState.Empty;
    private const SlotState Draining = SlotState.Draining;

    [Fact]
    public void The_first_stop_is_graceful_and_the_second_one_is_not()
    {
        Assert.Equal(new StopPool(StopMode.Graceful), Of(SignalAction.Stop, Pool(Ready)));
        Assert.Equal(new StopPool(StopMode.Immediate), Of(SignalAction.Stop, Pool(Ready) with { Stopping = true }));
        Assert.Equal(new StopPool(StopMode.Immediate), SignalDecision.Of(SignalAction.Stop, Pool(Ready), stopAsked: true));
        Assert.Equal(new StopPool(StopMode.Immediate), Of(SignalAction.StopNow, Pool(Ready)));
    }

    [Theory]
    [InlineData(SignalAction.Roll)]
    [InlineData(SignalAction.ScaleUp)]
    [InlineData(SignalAction.ScaleDown)]
    [InlineData(SignalAction.DrainAll)]
    [InlineData(SignalAction.ReopenLogs)]
    [InlineData(SignalAction.Upgrade)]
    public void A_pool_that_stops_is_told_nothing_else(SignalAction action)
    {
        Assert.Contains("stopping", Refusal(Of(action, Pool(Ready) with { Stopping = true })), StringComparison.Ordinal);
        Assert.Contains("stopping", Refusal(SignalDecision.Of(action, Pool(Ready), stopAsked: true)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_rollout_goes_over_a_pool_that_has_a_worker()
    {
        Assert.Equal(new BeginRollout(), Of(SignalAction.Roll, Pool(Ready, Ready)));
        Assert.Equal(new BeginRollout(), Of(SignalAction.Roll, Pool(Empty, Ready)));
        Assert.Equal(new BeginRollout(), Of(SignalAction.Roll, Pool(Draining, SlotState.BackingOff)));
    }

    [Fact]
    public void A_rollout_over_empty_slots_starts_workers_in_them()
    {
        Assert.Equal(new StartAll(), Of(SignalAction.Roll, Pool(Empty, Empty)));
        Assert.Contains("drain", Refusal(Of(SignalAction.Roll, Pool(Draining, Empty))), StringComparison.Ordinal);
    }

    [Fact]
    public void All_that_have_a_worker_or_will_get_one_are_drained()
    {
        DrainSlots drain = Assert.IsType<DrainSlots>(Of(SignalAction.DrainAll, Pool(Ready, Empty, SlotState.BackingOff, Draining, SlotState.Starting)));
        Assert.Equal([0, 2, 4], drain.Slots);
        Assert.Contains("no worker", Refusal(Of(SignalAction.DrainAll, Pool(Empty, Draining))), StringComparison.Ordinal);
    }

    [Fact]
    public void The_rest_does_not_depend_on_the_state()
    {
        Assert.Equal(new ScaleBy(1), Of(SignalAction.ScaleUp, Pool(Ready)));
        Assert.Equal(new ScaleBy(-1), Of(SignalAction.ScaleDown, Pool(Ready)));
        Assert.Equal(new ReopenAllLogs(), Of(SignalAction.ReopenLogs, Pool(Ready)));
        Assert.Equal(new DoNothing(), Of(SignalAction.Ignore, Pool(Ready)));
        Assert.Contains("reserved", Refusal(Of(SignalAction.Upgrade, Pool(Ready))), StringComparison.Ordinal);
    }

    private static SignalCommand Of(SignalAction action, PoolStatus pool) => SignalDecision.Of(action, pool, stopAsked: false);

    private static string Refusal(SignalCommand command) => Assert.IsType<RefuseSignal>(command).Why;

    private static PoolStatus Pool(params SlotState[] states) => new()
    {
        RespawnSuspended = false,
        Stopping = false,
        Slots = [.. states.Select((state, slot) => new SlotStatus
        {
            Slot = slot,
            State = state,
            Label = "v1",
            Weight = 1,
            Share = 0,
            Workers = [],
            ConsecutiveDeaths = 0,
        })],
    };
}
