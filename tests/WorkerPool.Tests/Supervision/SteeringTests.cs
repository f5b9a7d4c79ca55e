using WorkerPool.Supervision;
using Xunit;

namespace WorkerPool.Tests.Supervision;

public class SteeringTests
{
    [Fact]
    public void A_slot_gets_connections_from_the_moment_when_its_worker_is_ready()
    {
        Harness pool = new(slots: 2);
        pool.Start(0);
        pool.Start(1);
        Assert.Empty(pool.Did<SteerTo>()); // nobody accepts: all queues may wait, as the sockets were opened
        pool.Ready(pool.Newest(1));
        Assert.Equal([0, 1], pool.Table);
        pool.Ready(pool.Newest(0));
        Assert.Equal([0.5, 0.5], pool.Table);
    }

    [Fact]
    public void A_worker_that_has_to_go_is_withdrawn_first_and_drains_when_the_handshakes_have_settled()
    {
        Harness pool = new Harness(slots: 3).Up();
        pool.HandshakesSettle = false;
        WorkerKey old = pool.Newest(1);
        pool.Replace(1, Harness.V2, ReplaceOrder.StopFirst);
        Assert.Equal([0.5, 0, 0.5], pool.Table);
        Assert.Empty(pool.Did<DrainWorker>());
        Assert.Equal(WorkerState.Draining, pool.Slot(1).Workers.Single().State);

        pool.Supervisor.HandshakesSettled(old, pool.Now);
        pool.Settle();
        Assert.True(Assert.Single(pool.Did<DrainWorker>()).TakeQueue); // nobody else will

        pool.Exit(old);
        Assert.Equal([0.5, 0, 0.5], pool.Table);
        pool.Ready(pool.Newest(1));
        Assert.Equal(3, pool.Table.Count(weight => weight == 1.0 / 3));
    }

    [Fact]
    public void Handshakes_that_settle_after_the_worker_was_stopped_change_nothing()
    {
        Harness pool = new Harness(slots: 2).Up();
        pool.HandshakesSettle = false;
        WorkerKey old = pool.Newest(1);
        pool.Drain(1);
        pool.Pass(TimeSpan.FromSeconds(21)); // the limit and the deadline
        Assert.Single(pool.Did<StopWorker>());
        pool.Supervisor.HandshakesSettled(old, pool.Now);
        pool.Settle();
        Assert.Empty(pool.Did<DrainWorker>());
    }

    [Fact]
    public void The_only_slot_is_not_withdrawn_and_its_queue_is_kept_for_the_successor()
    {
        Harness pool = new Harness(slots: 1).Up();
        pool.Replace(0, Harness.V2, ReplaceOrder.StopFirst);
        Assert.Empty(pool.Did<AwaitHandshakes>());
        Assert.False(Assert.Single(pool.Did<DrainWorker>()).TakeQueue);
        Assert.Empty(pool.Did<SteerTo>());
    }

    [Fact]
    public void A_dead_worker_and_an_open_breaker_get_nothing_and_with_nobody_left_all_queues_wait()
    {
        Harness pool = new Harness(slots: 2).Up();
        pool.Exit(pool.Newest(0), code: 1);
        Assert.Equal([0, 1], pool.Table);
        pool.Exit(pool.Newest(1), code: 1);
        Assert.Equal([0.5, 0.5], pool.Table);
    }

    [Fact]
    public void Start_first_changes_nothing_for_the_connections()
    {
        Harness pool = new Harness(slots: 2).Up();
        int before = pool.Did<SteerTo>().Length;
        WorkerKey old = pool.Newest(0);
        pool.Replace(0, Harness.V2);
        pool.Ready(pool.Newest(0));
        pool.Exit(old);
        Assert.Equal(before, pool.Did<SteerTo>().Length);
        Assert.Empty(pool.Did<AwaitHandshakes>());
    }

    [Fact]
    public void Weights_count_in_relation_to_each_other()
    {
        Harness pool = new Harness(slots: 3).Up();
        SetWeight(pool, 2, 2);
        Assert.Equal([0.25, 0.25, 0.5], pool.Table);
        SetWeight(pool, 0, 0);
        Assert.Equal([0, 1.0 / 3, 2.0 / 3], pool.Table);
        SetWeight(pool, 1, 0);
        SetWeight(pool, 2, 0);
        Assert.Equal(3, pool.Table.Count(weight => weight == 1.0 / 3)); // nothing for nobody is no answer
    }

    [Fact]
    public void A_slot_of_no_weight_is_no_help_for_the_last_one_that_accepts()
    {
        Harness pool = new Harness(slots: 2).Up();
        SetWeight(pool, 1, 0);
        pool.Replace(0, Harness.V2, ReplaceOrder.StopFirst);
        Assert.Empty(pool.Did<AwaitHandshakes>());
    }

    [Fact]
    public void A_release_gets_its_share_exactly_however_many_slots_run_it()
    {
        Harness pool = new Harness(slots: 4).Up();
        SetShare(pool, "v2", 0.01);
        Assert.Equal(4, pool.Table.Count(weight => weight == 0.25)); // nobody runs it yet
        Replace(pool, 3);
        Assert.Equal(0.01, pool.Table[3], 12);
        Assert.Equal(0.33, pool.Table[0], 12);
        Replace(pool, 2);
        Assert.Equal(0.005, pool.Table[2], 12);
        Assert.Equal(0.495, pool.Table[0], 12);
        Replace(pool, 0);
        Replace(pool, 1);
        Assert.Equal(0.25, pool.Table[3], 12); // nobody is left to have the rest
    }

    [Fact]
    public void Shares_that_add_up_to_more_than_one_are_refused()
    {
        Harness pool = new Harness(slots: 4).Up();
        SetShare(pool, "v2", 0.7);
        int command = pool.Command((s, id, _) => s.SetShare(id, "v3", 0.4));
        Assert.Equal(VerdictReason.InvalidArgument, pool.VerdictOf(command)!.Reason);
    }

    [Fact]
    public void Slow_start_grows_the_share_of_a_worker_in_ten_steps()
    {
        Harness pool = new Harness(slots: 2, settings => settings with { SlowStart = TimeSpan.FromSeconds(10) }).Up();
        pool.Pass(TimeSpan.FromSeconds(10));
        Assert.Equal([0.5, 0.5], pool.Table);
        pool.Exit(pool.Newest(0), code: 1);
        pool.Pass(TimeSpan.FromSeconds(2));
        pool.Ready(pool.Newest(0));
        Assert.Equal(0.1 / 1.1, pool.Table[0], 12);
        pool.Pass(TimeSpan.FromSeconds(4.5));
        Assert.Equal(0.5 / 1.5, pool.Table[0], 12);
        pool.Pass(TimeSpan.FromSeconds(4.5));
        Assert.Equal([0.5, 0.5], pool.Table);
    }

    [Fact]
    public void Without_steering_nothing_is_steered_and_weights_are_refused()
    {
        Harness pool = new Harness(slots: 2, settings => settings with { HandshakeLimit = null }).Up();
        pool.Replace(0, Harness.V2, ReplaceOrder.StopFirst);
        Assert.Empty(pool.Did<SteerTo>());
        Assert.Single(pool.Did<DrainWorker>());
        int command = pool.Command((s, id, _) => s.SetWeight(id, 0, 2));
        Assert.Equal(VerdictReason.SteeringOff, pool.VerdictOf(command)!.Reason);
    }

    private static void SetWeight(Harness pool, int slot, double weight) => pool.Command((s, id, _) => s.SetWeight(id, slot, weight));

    private static void SetShare(Harness pool, string label, double share) => pool.Command((s, id, _) => s.SetShare(id, label, share));

    private static void Replace(Harness pool, int slot)
    {
        WorkerKey old = pool.Newest(slot);
        pool.Replace(slot, Harness.V2);
        pool.Ready(pool.Newest(slot));
        pool.Exit(old);
    }
}
