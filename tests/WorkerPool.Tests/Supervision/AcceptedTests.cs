using WorkerPool.Supervision;
using Xunit;

namespace WorkerPool.Tests.Supervision;

public class AcceptedTests
{
    [Fact]
    public void What_a_worker_had_accepted_stays_in_the_sum_when_it_is_replaced_or_dies()
    {
        Harness pool = new Harness(slots: 2).Up();
        WorkerKey old = pool.Newest(0);
        pool.Supervisor.Report(old, 1, 10);
        pool.Supervisor.Report(pool.Newest(1), 0, 5);
        Assert.Equal((15, 10), (pool.Supervisor.Snapshot().AcceptedTotal, pool.Slot(0).AcceptedTotal));

        pool.Replace(0, Harness.V2);
        pool.Ready(pool.Newest(0));
        pool.Supervisor.Report(old, 0, 12);
        pool.Supervisor.Report(pool.Newest(0), 0, 3);
        Assert.Equal(15, pool.Slot(0).AcceptedTotal);
        pool.Exit(old);
        Assert.Equal(15, pool.Slot(0).AcceptedTotal);

        pool.Exit(pool.Newest(0), new ExitStatus(null, 9));
        Assert.Equal((15, 20), (pool.Slot(0).AcceptedTotal, pool.Supervisor.Snapshot().AcceptedTotal));
    }

    [Fact]
    public void Slots_that_go_and_come_again_keep_what_was_accepted_there()
    {
        Harness pool = new Harness(slots: 2).Up();
        pool.Supervisor.Report(pool.Newest(1), 0, 7);
        pool.Scale(1);
        pool.Exit(pool.Newest(1));
        Assert.Equal(7, pool.Supervisor.Snapshot().AcceptedTotal);

        pool.Scale(2);
        pool.Ready(pool.Newest(1));
        Assert.Equal((7, 7), (pool.Supervisor.Snapshot().AcceptedTotal, pool.Slot(1).AcceptedTotal));
    }

    [Fact]
    public void The_sum_never_falls_and_never_overflows_whatever_workers_say()
    {
        Harness pool = new Harness(slots: 2).Up();
        pool.Supervisor.Report(pool.Newest(0), 0, 100);
        pool.Supervisor.Report(pool.Newest(0), 0, 1);
        Assert.Equal(100, pool.Supervisor.Snapshot().AcceptedTotal);

        pool.Supervisor.Report(pool.Newest(0), 0, long.MaxValue);
        pool.Supervisor.Report(pool.Newest(1), 0, long.MaxValue);
        pool.Exit(pool.Newest(0));
        Assert.Equal(long.MaxValue, pool.Supervisor.Snapshot().AcceptedTotal);
    }

    [Fact]
    public void An_exit_is_told_with_whether_it_was_asked_for_and_what_is_wrong()
    {
        Harness pool = new Harness(slots: 2).Up();
        pool.Supervisor.Report(pool.Newest(0), 4, 4);
        pool.Exit(pool.Newest(0), code: 3);
        pool.Pass(TimeSpan.FromSeconds(2));
        pool.Ready(pool.Newest(0));
        pool.Drain(1);
        pool.Exit(pool.Newest(1));
        pool.Replace(0, Harness.V2);
        pool.Exit(pool.Newest(0), code: 1);

        Announce[] exits = [.. pool.Did<Announce>().Where(announce => announce.Kind == PoolEventKind.WorkerExited)];
        Assert.Equal(
            [(false, VerdictReason.ExitedAfterReady, 4), (true, VerdictReason.None, 0), (false, VerdictReason.ExitedBeforeReady, 0)],
            exits.Select(exit => (exit.WasAsked, exit.Reason, exit.ConnectionsCut)));
        Assert.Equal([false, false, true, false], pool.Did<Announce>().Where(announce => announce.Kind == PoolEventKind.WorkerSpawned).Select(announce => announce.IsRespawn));
    }

    [Fact]
    public void Every_command_of_a_slot_is_recorded_whoever_gave_it()
    {
        Harness pool = new Harness(slots: 1).Up();
        pool.Roll(new RolloutPlan(Harness.V2) { CheckMemory = false });
        WorkerKey old = pool.Newest(0) with { Generation = 1 };
        pool.Ready(pool.Newest(0));
        pool.Exit(old);
        Assert.Equal(
            [(SlotCommandKind.Start, OriginKind.Operator), (SlotCommandKind.Replace, OriginKind.Rollout)],
            pool.Did<RecordCommand>().Select(record => (record.Command.Kind, record.Command.Origin.Kind)));
    }
}
