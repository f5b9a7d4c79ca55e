using WorkerPool.Supervision;
using Xunit;

namespace WorkerPool.Tests.Supervision;

public class StartTurnsTests
{
    private readonly Harness _pool = new(slots: 4, settings => settings with { ParallelStarts = 2 });

    [Fact]
    public void Only_so_many_workers_start_at_a_time_and_each_that_is_ready_lets_the_next_one_start()
    {
        int[] starts = StartAll();
        Assert.Equal([0, 1], Started);
        Assert.Equal((SlotState.Starting, 0), (_pool.Slot(3).State, _pool.Slot(3).Workers.Count));
        _pool.Ready(_pool.Newest(1));
        Assert.Equal([0, 1, 2], Started);
        _pool.Exit(_pool.Newest(0), code: 1);
        Assert.Equal([0, 1, 2, 3], Started);
        _pool.Ready(_pool.Newest(2));
        _pool.Ready(_pool.Newest(3));
        Assert.Equal([false, true, true, true], starts.Select(start => _pool.VerdictOf(start)!.IsDone));
    }

    [Fact]
    public void A_worker_that_hangs_does_not_keep_the_others_from_starting_for_long()
    {
        StartAll();
        Assert.Equal(Harness.LongestStartTurn, _pool.Supervisor.NextDeadline);
        _pool.Pass(Harness.LongestStartTurn - TimeSpan.FromTicks(1));
        Assert.Equal([0, 1], Started);
        _pool.Pass(TimeSpan.FromTicks(1));
        Assert.Equal([0, 1, 2, 3], Started);
    }

    [Fact]
    public void The_time_to_get_ready_counts_from_the_start_and_not_from_the_wish()
    {
        int[] starts = StartAll();
        _pool.Pass(Harness.LongestStartTurn);
        _pool.Pass(TimeSpan.FromSeconds(28)); // 30 s since the start of 0 and 1
        Assert.Equal([0, 1], _pool.Did<SignalWorker>().Select(signal => signal.Worker.Slot));
        _pool.Ready(_pool.Newest(2));
        Assert.True(_pool.VerdictOf(starts[2])!.IsDone);
    }

    [Fact]
    public void Workers_that_all_die_at_once_come_back_in_turns()
    {
        _pool.Up();
        _pool.Pass(TimeSpan.FromSeconds(10));
        foreach (WorkerKey worker in _pool.Processes.Keys.ToArray())
        {
            _pool.Exit(worker, code: 139);
        }

        Assert.Equal(2, _pool.Processes.Count);
        _pool.Ready(_pool.Newest(0));
        _pool.Ready(_pool.Newest(1));
        Assert.Equal(4, _pool.Processes.Count);
    }

    [Fact]
    public void So_do_those_that_a_resumed_respawn_brings_back()
    {
        _pool.Up();
        _pool.Command((s, id, _) => s.SuspendRespawn(id));
        foreach (WorkerKey worker in _pool.Processes.Keys.ToArray())
        {
            _pool.Exit(worker, code: 1);
        }

        _pool.Command((s, id, now) => s.ResumeRespawn(id, now));
        Assert.Equal(2, _pool.Processes.Count);
    }

    [Fact]
    public void A_slot_that_nobody_serves_does_not_wait_for_one_that_somebody_does()
    {
        _pool.Up();
        _pool.Replace(0, Harness.V2);
        _pool.Replace(1, Harness.V2);
        int replace = _pool.Replace(2, Harness.V2); // the third successor waits
        _pool.Pass(TimeSpan.FromSeconds(1));
        _pool.Exit(_pool.Newest(3), code: 1);
        _pool.Pass(TimeSpan.FromMilliseconds(999)); // its wait after an early death is 1 s
        Assert.Equal(1, _pool.Newest(2).Generation);
        _pool.Exit(_pool.Newest(0), code: 1);
        Assert.Equal(2, _pool.Newest(2).Generation);
        _pool.Pass(TimeSpan.FromMilliseconds(1));
        Assert.Equal(2, _pool.Newest(3).Generation); // 1 began 2 s ago
        Assert.Null(_pool.VerdictOf(replace));
    }

    [Fact]
    public void Dead_slots_come_before_successors()
    {
        _pool.Up();
        _pool.Pass(TimeSpan.FromSeconds(10));
        _pool.Replace(0, Harness.V2);
        _pool.Replace(1, Harness.V2);
        _pool.Replace(2, Harness.V2);
        _pool.Exit(_pool.Newest(3), code: 1);
        _pool.Ready(_pool.Newest(0));
        Assert.Equal((1, 2), (_pool.Newest(2).Generation, _pool.Newest(3).Generation));
    }

    [Fact]
    public void A_worker_that_is_told_to_go_before_its_turn_is_never_started()
    {
        StartAll();
        _pool.Command((s, id, now) => s.Stop(id, StopMode.Graceful, now));
        Assert.All(_pool.Did<SignalWorker>(), signal => Assert.InRange(signal.Worker.Slot, 0, 1));
        _pool.Exit(_pool.Newest(0));
        _pool.Exit(_pool.Newest(1));
        Assert.True(_pool.Supervisor.IsStopped);
        Assert.Equal([0, 1], Started);
    }

    [Fact]
    public void A_pool_of_which_no_worker_has_started_stops_at_once()
    {
        Harness pool = new(slots: 1, settings => settings with { ParallelStarts = 0 });
        pool.Start(0);
        int stop = pool.Stop();
        Assert.True(pool.VerdictOf(stop)!.IsDone);
    }

    [Fact]
    public void A_rollout_that_is_aborted_gives_up_a_successor_that_waits()
    {
        _pool.Up();
        int roll = _pool.Roll(new RolloutPlan(Harness.V2) { Parallelism = 3, Surge = 3, CheckMemory = false });
        _pool.Command((s, id, _) => s.AbortRollout(id, rollBack: true));
        _pool.Exit(_pool.Newest(0), new ExitStatus(null, 9));
        _pool.Exit(_pool.Newest(1), new ExitStatus(null, 9));
        Assert.Equal(Outcome.RolledBack, _pool.VerdictOf(roll)!.Outcome);
        Assert.Equal([1, 1, 1, 1], _pool.Processes.Keys.Select(key => key.Generation));
    }

    private IEnumerable<int> Started => _pool.Did<SpawnWorker>().Select(spawn => spawn.Worker.Slot);

    private int[] StartAll() => [.. Enumerable.Range(0, 4).Select(slot => _pool.Start(slot))];
}
