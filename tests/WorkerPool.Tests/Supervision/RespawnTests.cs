using WorkerPool.Supervision;
using Xunit;

namespace WorkerPool.Tests.Supervision;

public class RespawnTests
{
    private readonly Harness _pool = new Harness().Up();

    [Fact]
    public void A_stable_worker_that_dies_is_replaced_at_once()
    {
        _pool.Pass(TimeSpan.FromSeconds(10));
        _pool.Exit(_pool.Newest(0), code: 139);
        Assert.Equal(2, _pool.Newest(0).Generation);
        Assert.Equal(0, _pool.Slot(0).ConsecutiveDeaths);
    }

    [Fact]
    public void After_every_exit_the_sockets_of_the_slot_are_checked()
    {
        _pool.Exit(_pool.Newest(1), code: 1);
        Assert.Equal(1, Assert.Single(_pool.Did<HealSockets>()).Slot);
    }

    [Fact]
    public void An_early_death_waits_longer_each_time_and_opens_the_breaker()
    {
        TimeSpan[] waits = [.. Enumerable.Range(0, 6).Select(_ => WaitAfterDeath())];
        Assert.Equal([1, 2, 4, 8, 60, 60], waits.Select(wait => wait.TotalSeconds));
        Assert.Single(_pool.Events, PoolEventKind.BreakerOpened);
        Assert.Equal(SlotState.Ready, _pool.Slot(1).State);
    }

    [Fact]
    public void A_worker_that_stays_ready_closes_the_breaker_and_forgets_the_deaths()
    {
        for (int death = 0; death < 5; death++)
        {
            WaitAfterDeath();
        }

        _pool.Ready(_pool.Newest(0));
        Assert.Equal(5, _pool.Slot(0).ConsecutiveDeaths);
        _pool.Pass(TimeSpan.FromSeconds(10));
        Assert.Equal(0, _pool.Slot(0).ConsecutiveDeaths);
        Assert.Single(_pool.Events, PoolEventKind.BreakerClosed);
    }

    [Fact]
    public void While_respawn_is_suspended_the_dead_stay_dead_and_come_back_afterwards()
    {
        _pool.Command((s, id, _) => s.SuspendRespawn(id));
        _pool.Exit(_pool.Newest(0), code: 1);
        _pool.Pass(TimeSpan.FromHours(1));
        Assert.DoesNotContain(_pool.Processes.Keys, key => key.Slot == 0);

        _pool.Command((s, id, now) => s.ResumeRespawn(id, now));
        Assert.Contains(_pool.Processes.Keys, key => key.Slot == 0);
    }

    [Fact]
    public void A_slot_that_lost_its_new_worker_while_the_old_one_drains_has_one_again_after_the_suspension()
    {
        _pool.Replace(0, Harness.V2);
        _pool.Ready(_pool.Newest(0));
        _pool.Command((s, id, _) => s.SuspendRespawn(id));
        _pool.Exit(_pool.Newest(0), code: 1);

        _pool.Command((s, id, now) => s.ResumeRespawn(id, now)); // the replacement goes on: the old one still drains

        Assert.Equal(Harness.V2, _pool.Processes[_pool.Newest(0)]);
    }

    [Fact]
    public void The_recipe_by_hand_suspend_drain_start_puts_a_new_release_into_each_slot()
    {
        _pool.Command((s, id, _) => s.SuspendRespawn(id));
        for (int slot = 0; slot < 2; slot++)
        {
            int drain = _pool.Drain(slot);
            _pool.Exit(_pool.Newest(slot));
            Assert.True(_pool.VerdictOf(drain)!.IsDone);
            int start = _pool.Start(slot, Harness.V2);
            _pool.Ready(_pool.Newest(slot));
            Assert.True(_pool.VerdictOf(start)!.IsDone);
        }

        Assert.All(_pool.Supervisor.Snapshot().Slots, slot => Assert.Equal("v2", slot.Label));
    }

    [Fact]
    public void A_started_worker_that_fails_leaves_the_slot_empty()
    {
        _pool.Drain(0);
        _pool.Exit(_pool.Newest(0));
        int start = _pool.Start(0, Harness.V2);
        _pool.Exit(_pool.Newest(0), code: 1);
        Assert.Equal(Outcome.Failed, _pool.VerdictOf(start)!.Outcome);
        Assert.Equal((SlotState.Empty, "v1"), (_pool.Slot(0).State, _pool.Slot(0).Label));
    }

    [Fact]
    public void A_worker_that_breaks_the_protocol_is_killed_and_started_again()
    {
        WorkerKey worker = _pool.Newest(0);
        _pool.Supervisor.ProtocolViolated(worker, "a frame of 4 GB.");
        _pool.Supervisor.ProtocolViolated(worker, "another one.");
        _pool.Settle();
        Assert.Equal(9, Assert.Single(_pool.Did<SignalWorker>()).Signal);
        _pool.Exit(worker, new ExitStatus(null, 9));
        _pool.Pass(TimeSpan.FromSeconds(1));
        Assert.Equal(2, _pool.Newest(0).Generation);
    }

    [Fact]
    public void What_is_said_of_a_worker_that_is_gone_changes_nothing()
    {
        WorkerKey worker = _pool.Newest(0);
        _pool.Exit(worker, code: 1);
        _pool.Ready(worker);
        _pool.Supervisor.Report(worker, 5, 5);
        _pool.Exit(worker, code: 1);
        Assert.Equal(1, _pool.Slot(0).ConsecutiveDeaths);
    }

    private TimeSpan WaitAfterDeath()
    {
        _pool.Exit(_pool.Newest(0), code: 1);
        TimeSpan wait = _pool.Supervisor.NextDeadline!.Value - _pool.Now;
        _pool.Pass(wait);
        return wait;
    }
}
