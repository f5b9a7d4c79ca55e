using WorkerPool.Processes;
using WorkerPool.Supervision;
using Xunit;

namespace WorkerPool.Tests.Supervision;

public class LivenessTests
{
    private const int Slots = 3;

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(12);
    private static readonly TimeSpan ABit = TimeSpan.FromSeconds(1);

    private readonly Harness _pool = Beating();

    [Fact]
    public void Workers_that_beat_live_on()
    {
        _pool.Live(TimeSpan.FromMinutes(10));
        Assert.Empty(_pool.Did<ExamineWorker>());
        Assert.DoesNotContain(PoolEventKind.WorkerUnresponsive, _pool.Events);
    }

    [Fact]
    public void A_worker_that_never_sent_a_heartbeat_is_not_held_to_any()
    {
        Harness pool = new Harness(Slots, Settings).Up();
        Walk(pool, TimeSpan.FromMinutes(10));
        Assert.Equal(Slots, pool.Supervisor.Snapshot().ReadyCount);
        Assert.All(pool.Supervisor.Snapshot().Slots, slot => Assert.Null(slot.Workers.Single().LastHeard));
    }

    [Fact]
    public void With_liveness_off_silence_means_nothing()
    {
        Harness pool = new Harness(Slots).Up();
        pool.Live(ABit);
        Walk(pool, TimeSpan.FromMinutes(10));
        Assert.Equal(Slots, pool.Supervisor.Snapshot().ReadyCount);
    }

    [Fact]
    public void After_half_the_deadline_new_connections_go_elsewhere_until_the_worker_is_heard_again()
    {
        WorkerKey silent = Hang(slot: 1);
        _pool.Live(Deadline / 2 - ABit);
        Assert.Equal(SlotState.Ready, _pool.Slot(1).State);

        _pool.Live(ABit);
        Assert.Equal((SlotState.Unresponsive, true), (_pool.Slot(1).State, _pool.Slot(1).Workers.Single().IsUnresponsive));
        Assert.Equal([0.5, 0, 0.5], _pool.Table);
        Assert.Equal(2, _pool.Supervisor.Snapshot().ReadyCount);

        _pool.Hung.Clear();
        _pool.Live(TimeSpan.FromMinutes(1));
        Assert.Equal((SlotState.Ready, PoolEventKind.WorkerRecovered), (_pool.Slot(1).State, _pool.Events.Last()));
        Assert.Equal([1.0 / 3, 1.0 / 3, 1.0 / 3], _pool.Table);
        Assert.Contains(silent, _pool.Processes.Keys);
    }

    [Fact]
    public void After_the_deadline_it_is_killed_and_the_next_one_starts_at_once()
    {
        _pool.Live(TimeSpan.FromSeconds(20)); // it has proved to be stable
        WorkerKey hung = Hang(slot: 1);
        _pool.Live(Deadline);
        Assert.Equal(new SignalWorker(hung, SignalNames.SIGKILL), Assert.Single(_pool.Did<SignalWorker>()));
        string message = _pool.Did<Announce>().Single(announce => announce.Kind == PoolEventKind.WorkerSignalled).Message;
        Assert.Equal("SIGKILL was sent. The worker of slot 1 (process 1002, release \"v1\") hangs: it has not been heard for 12 s; it is on paper only.", message);

        _pool.Exit(hung, new ExitStatus(null, SignalNames.SIGKILL));
        Announce exit = _pool.Did<Announce>().Single(announce => announce.Kind == PoolEventKind.WorkerExited);
        Assert.Equal((false, VerdictReason.HeartbeatMissed), (exit.WasAsked, exit.Reason));
        Assert.Equal(new WorkerKey(1, 2), _pool.Newest(1));
    }

    [Fact]
    public void It_takes_exactly_the_deadline()
    {
        Hang(slot: 0);
        TimeSpan start = _pool.Now;
        _pool.Doing += action => Assert.True(action is not ExamineWorker || _pool.Now == start + Deadline);
        while (_pool.Did<SignalWorker>().Length == 0)
        {
            TimeSpan next = _pool.Supervisor.NextDeadline!.Value;
            Assert.True(next > _pool.Now, "The shell would spin.");
            _pool.Beat(_pool.Newest(1), _pool.Newest(2));
            _pool.Pass(next - _pool.Now);
        }
    }

    [Theory]
    [InlineData(13)]
    [InlineData(3600)]
    public void A_master_that_was_away_accuses_nobody_when_it_comes_back(int seconds)
    {
        for (int times = 0; times < 20; times++)
        {
            _pool.Pass(TimeSpan.FromSeconds(seconds)); // what the workers have sent meanwhile is not read yet
            _pool.Live(ABit);
        }

        Assert.DoesNotContain(PoolEventKind.WorkerUnresponsive, _pool.Events);
    }

    [Fact]
    public void A_worker_that_hangs_while_the_master_is_away_is_found_soon_after()
    {
        WorkerKey hung = Hang(slot: 2);
        _pool.Pass(TimeSpan.FromHours(1));
        _pool.Live(Deadline);
        Assert.Equal(hung, Assert.Single(_pool.Did<SignalWorker>()).Worker);
    }

    [Fact]
    public void With_a_grace_it_is_aborted_twice_and_killed_then()
    {
        TimeSpan grace = TimeSpan.FromSeconds(6);
        Harness pool = Beating(settings => settings with { AbortGrace = grace });
        pool.BeatAll();
        pool.Hung.Add(pool.Newest(0));
        foreach (TimeSpan time in (TimeSpan[])[Deadline, grace / 2, grace / 2, grace])
        {
            pool.Live(time);
        }

        Assert.Equal([SignalNames.SIGABRT, SignalNames.SIGABRT, SignalNames.SIGKILL], pool.Did<SignalWorker>().Select(signal => signal.Signal));
    }

    [Fact]
    public void When_all_fall_silent_one_at_a_time_is_killed_and_the_next_when_its_slot_serves_again()
    {
        Hang(0, 1, 2);
        _pool.Live(Deadline + ABit);
        Assert.Equal([1.0 / 3, 1.0 / 3, 1.0 / 3], _pool.Table); // nobody is better
        WorkerKey first = Assert.Single(_pool.Did<SignalWorker>()).Worker;

        _pool.Exit(first, new ExitStatus(null, SignalNames.SIGKILL));
        _pool.Live(Deadline - TimeSpan.FromSeconds(2));
        Assert.Single(_pool.Did<SignalWorker>());

        _pool.Ready(_pool.Newest(first.Slot));
        _pool.Live(ABit);
        Assert.Equal(2, _pool.Did<SignalWorker>().Length);
    }

    [Fact]
    public void A_slot_that_does_not_serve_again_keeps_the_others_waiting_for_a_deadline_only()
    {
        Hang(0, 1, 2);
        _pool.Live(3 * Deadline - ABit);
        Assert.Equal(2, _pool.Did<SignalWorker>().Length);
        _pool.Live(2 * ABit);
        Assert.Equal(3, _pool.Did<SignalWorker>().Length);
    }

    [Fact]
    public void The_one_that_has_been_silent_for_the_longest_has_the_first_turn()
    {
        foreach (int slot in new[] { 2, 1, 0 })
        {
            Hang(slot);
            _pool.Live(ABit);
        }

        _pool.Live(4 * Deadline);
        Assert.Equal([2, 1, 0], _pool.Did<SignalWorker>().Select(signal => signal.Worker.Slot));
    }

    [Fact]
    public void Those_that_are_heard_again_while_they_wait_for_their_turn_live_on()
    {
        Hang(0, 1, 2);
        _pool.Live(Deadline + ABit);
        _pool.Hung.Clear();
        _pool.Live(TimeSpan.FromMinutes(2));
        Assert.Single(_pool.Did<SignalWorker>());
        Assert.Equal(2, _pool.Supervisor.Snapshot().ReadyCount);
    }

    [Fact]
    public void While_respawn_is_suspended_nobody_is_killed()
    {
        int suspend = _pool.Command((s, id, _) => s.SuspendRespawn(id));
        Hang(slot: 0);
        _pool.Live(TimeSpan.FromMinutes(2));
        Assert.Equal((SlotState.Unresponsive, 0), (_pool.Slot(0).State, _pool.Did<SignalWorker>().Length));
        _pool.Command((s, id, now) => s.ResumeRespawn(id, now));
        _pool.Live(ABit);
        Assert.Single(_pool.Did<SignalWorker>());
        Assert.NotNull(_pool.VerdictOf(suspend));
    }

    [Fact]
    public void One_that_somebody_traces_is_left_alone_and_the_next_one_has_its_turn()
    {
        WorkerKey traced = Hang(slot: 0);
        _pool.Condition = new ProcessCondition(Tracer: 4711, "");
        _pool.Live(TimeSpan.FromMinutes(2));
        Assert.Empty(_pool.Did<SignalWorker>());
        Announce warning = Assert.Single(_pool.Did<Announce>(), announce => announce.Kind == PoolEventKind.Warning);
        Assert.Contains("traced by 4711", warning.Message, StringComparison.Ordinal);

        _pool.Condition = new ProcessCondition(Tracer: null, "it spins");
        _pool.Live(Deadline);
        Assert.Equal(traced, Assert.Single(_pool.Did<SignalWorker>()).Worker);
    }

    [Fact]
    public void One_that_said_that_it_is_debugged_is_left_alone()
    {
        WorkerKey debugged = Hang(slot: 0);
        _pool.Supervisor.Heard(debugged, isDebugged: true, _pool.Now);
        _pool.Live(TimeSpan.FromMinutes(2));
        Assert.Equal((SlotState.Unresponsive, 0), (_pool.Slot(0).State, _pool.Did<ExamineWorker>().Length));
    }

    [Fact]
    public void Before_it_is_ready_only_the_start_deadline_counts()
    {
        _pool.Exit(_pool.Newest(0), code: 1);
        _pool.Live(ABit);
        WorkerKey starting = _pool.Newest(0);
        _pool.Beat(starting);
        _pool.Hung.Add(starting);
        _pool.Live(TimeSpan.FromSeconds(29)); // of 30
        Assert.Empty(_pool.Did<ExamineWorker>());
        _pool.Ready(starting);
        _pool.Live(Deadline - ABit);
        Assert.Empty(_pool.Did<ExamineWorker>());
    }

    [Fact]
    public void A_worker_that_hangs_while_it_drains_does_not_have_the_whole_drain_deadline()
    {
        WorkerKey hung = _pool.Newest(0);
        int drain = _pool.Drain(0);
        Hang(slot: 0);
        _pool.Live(Deadline);
        Assert.Equal(SignalNames.SIGKILL, Assert.Single(_pool.Did<SignalWorker>()).Signal);
        _pool.Exit(hung, new ExitStatus(null, SignalNames.SIGKILL));
        Assert.True(_pool.VerdictOf(drain)!.IsDone);
        Announce exit = _pool.Did<Announce>().Single(announce => announce.Kind == PoolEventKind.WorkerExited);
        Assert.Equal((true, VerdictReason.HeartbeatMissed), (exit.WasAsked, exit.Reason));
    }

    [Fact]
    public void A_release_that_hangs_in_the_bake_fails_and_the_slot_goes_back()
    {
        int roll = _pool.Roll(new RolloutPlan(Harness.V2) { Order = ReplaceOrder.StartFirst, CheckMemory = false, Bake = TimeSpan.FromMinutes(1) });
        WorkerKey bad = _pool.Newest(0);
        _pool.Ready(bad);
        _pool.Exit(new WorkerKey(0, 1));
        _pool.Beat(bad);
        _pool.Hung.Add(bad);
        _pool.Live(Deadline);
        _pool.Exit(bad, new ExitStatus(null, SignalNames.SIGKILL));
        _pool.Ready(_pool.Newest(0));

        Verdict verdict = _pool.VerdictOf(roll)!;
        Assert.Equal((Outcome.RolledBack, VerdictReason.HeartbeatMissed), (verdict.Outcome, verdict.Reason));
        Assert.Contains("hangs: it has not been heard for 12 s", verdict.Message, StringComparison.Ordinal);
        Assert.Equal(Harness.V1, _pool.Processes[_pool.Newest(0)]);
    }

    [Fact]
    public void A_slot_that_seems_to_hang_counts_as_unavailable_and_can_be_replaced_at_no_cost()
    {
        Hang(slot: 2);
        _pool.Live(Deadline / 2);
        _pool.Roll(new RolloutPlan(Harness.V2) { Order = ReplaceOrder.StopFirst, CheckMemory = false, Unavailable = 1 });
        Assert.Equal(2, Assert.Single(_pool.Did<DrainWorker>()).Worker.Slot);
    }

    [Fact]
    public void Workers_that_hang_soon_after_they_were_ready_again_and_again_open_the_breaker()
    {
        for (int times = 0; times < 5; times++)
        {
            WorkerKey hung = Hang(slot: 0);
            _pool.Live(Deadline + ABit);
            _pool.Exit(hung, new ExitStatus(null, SignalNames.SIGKILL));
            _pool.Live(TimeSpan.FromSeconds(20));
            if (times < 4)
            {
                _pool.Ready(_pool.Newest(0));
            }
        }

        Assert.Equal((SlotState.Broken, 5), (_pool.Slot(0).State, _pool.Slot(0).ConsecutiveDeaths));
    }

    private static SupervisionSettings Settings(SupervisionSettings settings) => settings with { HeartbeatDeadline = Deadline };

    private static Harness Beating(Func<SupervisionSettings, SupervisionSettings>? change = null)
    {
        Harness pool = new Harness(Slots, settings => Settings(change?.Invoke(settings) ?? settings)).Up();
        pool.Live(ABit);
        return pool;
    }

    private static void Walk(Harness pool, TimeSpan time)
    {
        for (TimeSpan end = pool.Now + time; pool.Now < end;)
        {
            pool.Pass(ABit);
        }
    }

    /// <summary>Their last heartbeats are now.</summary>
    private void Hang(params int[] slots)
    {
        foreach (int slot in slots)
        {
            Hang(slot);
        }
    }

    private WorkerKey Hang(int slot)
    {
        WorkerKey worker = _pool.Newest(slot);
        _pool.Beat(worker);
        _pool.Hung.Add(worker);
        return worker;
    }
}
