using WorkerPool.Supervision;
using Xunit;

namespace WorkerPool.Tests.Supervision;

public class RolloutTests
{
    private static readonly RolloutPlan Plan = new(Harness.V2) { Bake = TimeSpan.FromSeconds(1), CheckMemory = false };

    private readonly Harness _pool = new Harness(slots: 4).Up();

    [Fact]
    public void Slots_are_replaced_one_after_the_other_each_after_the_bake_of_the_one_before()
    {
        int command = _pool.Roll(Plan);
        for (int slot = 0; slot < 4; slot++)
        {
            Assert.Equal(5, _pool.Processes.Count);
            WorkerKey successor = _pool.Newest(slot);
            Assert.Equal(2, successor.Generation);
            _pool.Ready(successor);
            _pool.Exit(new WorkerKey(slot, 1));
            Assert.Equal(4, _pool.Processes.Count); // it bakes
            Assert.Null(_pool.VerdictOf(command));
            _pool.Pass(TimeSpan.FromSeconds(1));
        }

        Verdict verdict = _pool.VerdictOf(command)!;
        Assert.True(verdict.IsDone);
        Assert.Equal([0, 1, 2, 3], verdict.Slots.Where(slot => slot.State == RolledSlotState.Done).Select(slot => slot.Slot));
        Assert.All(_pool.Processes.Values, release => Assert.Equal(Harness.V2, release));
        Assert.Equal(RolloutState.Done, _pool.Supervisor.Snapshot().Rollout!.State);
    }

    [Fact]
    public void Stop_first_never_has_more_processes_than_slots_nor_fewer_ready_than_allowed()
    {
        int command = _pool.Roll(Plan with { Order = ReplaceOrder.StopFirst, Surge = 0 });
        for (int slot = 0; slot < 4; slot++)
        {
            Assert.Equal(3, _pool.Supervisor.Snapshot().ReadyCount);
            _pool.Exit(new WorkerKey(slot, 1));
            Assert.Equal(4, _pool.Processes.Count);
            _pool.Ready(_pool.Newest(slot));
            _pool.Pass(TimeSpan.FromSeconds(1));
        }

        Assert.True(_pool.VerdictOf(command)!.IsDone);
    }

    [Fact]
    public void Stop_first_waits_while_another_slot_has_no_worker_that_is_ready()
    {
        _pool.Exit(_pool.Newest(3), code: 1);
        _pool.Roll(Plan with { Order = ReplaceOrder.StopFirst });

        // The dead one costs nothing and may go first.
        Assert.Equal(3, _pool.Supervisor.Snapshot().ReadyCount);
        Assert.Equal(Harness.V2, _pool.Processes[_pool.Newest(3)]);
        Assert.Empty(_pool.Did<DrainWorker>());
    }

    [Fact]
    public void Parallelism_is_bounded_by_the_surge()
    {
        _pool.Roll(Plan with { Parallelism = 4, Surge = 2 });
        Assert.Equal(6, _pool.Processes.Count);
        _pool.Ready(_pool.Newest(0));
        Assert.Equal(6, _pool.Processes.Count); // the old one still drains
        _pool.Exit(new WorkerKey(0, 1));
        Assert.Equal(6, _pool.Processes.Count);
        Assert.Equal(2, _pool.Newest(2).Generation);
    }

    [Fact]
    public void Old_workers_may_linger_beyond_the_surge_if_the_plan_says_so()
    {
        int command = _pool.Roll(Plan with { MaxLingering = 2, Bake = TimeSpan.Zero });
        _pool.Ready(_pool.Newest(0));
        _pool.Ready(_pool.Newest(1));
        Assert.Equal(2, _pool.Newest(2).Generation);
        _pool.Ready(_pool.Newest(2));
        Assert.Equal(1, _pool.Newest(3).Generation); // three would linger
        _pool.Exit(new WorkerKey(1, 1));
        Assert.Equal(2, _pool.Newest(3).Generation);
        _pool.Ready(_pool.Newest(3));
        Assert.Null(_pool.VerdictOf(command));
        foreach (int slot in (int[])[0, 2, 3])
        {
            _pool.Exit(new WorkerKey(slot, 1));
        }

        Assert.True(_pool.VerdictOf(command)!.IsDone);
    }

    [Fact]
    public void A_canary_covers_only_the_first_slots_of_the_plan()
    {
        int command = _pool.Roll(Plan with { Slots = [2, 1], Count = 1 });
        Finish(2);
        Assert.True(_pool.VerdictOf(command)!.IsDone);
        Assert.Equal("v2", _pool.Slot(2).Label);
        Assert.Equal(["v1", "v1", "v2", "v1"], _pool.Supervisor.Snapshot().Slots.Select(slot => slot.Label));
    }

    [Fact]
    public void A_worker_that_dies_before_it_is_ready_rolls_everything_back()
    {
        int command = _pool.Roll(Plan);
        Finish(0);
        _pool.Exit(_pool.Newest(1), code: 3);
        Assert.Equal(RolloutState.RollingBack, _pool.Supervisor.Snapshot().Rollout!.State);
        Assert.Equal(Harness.V1, _pool.Processes[_pool.Newest(0)]);

        _pool.Ready(_pool.Newest(0));
        _pool.Exit(new WorkerKey(0, 2));
        Verdict verdict = _pool.VerdictOf(command)!;
        Assert.Equal((Outcome.RolledBack, VerdictReason.ExitedBeforeReady), (verdict.Outcome, verdict.Reason));
        Assert.Equal(3, verdict.Exit!.Value.Code);
        Assert.Equal(["last words"], verdict.LastErrorLines);
        Assert.Equal(RolledSlotState.RolledBack, verdict.Slots[0].State);
        Assert.Equal(RolledSlotState.Failed, verdict.Slots[1].State);
        Assert.All(_pool.Processes.Values, release => Assert.Equal(Harness.V1, release));
        Assert.Contains("exit code 3", _pool.Supervisor.Snapshot().Rollout!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void That_a_slot_has_failed_is_said_when_it_fails_and_not_when_it_is_restored()
    {
        int command = _pool.Roll(Plan with { Order = ReplaceOrder.StopFirst, Bake = TimeSpan.Zero });
        _pool.Exit(new WorkerKey(0, 1));
        _pool.Ready(_pool.Newest(0));
        _pool.Exit(new WorkerKey(1, 1));
        _pool.Exit(_pool.Newest(1), code: 3);
        Assert.Single(_pool.Events, PoolEventKind.RolloutSlotFailed);
        Assert.Equal(RolloutState.RollingBack, _pool.Supervisor.Snapshot().Rollout!.State);

        _pool.Ready(_pool.Newest(1)); // the old release
        _pool.Exit(_pool.Newest(0));
        _pool.Ready(_pool.Newest(0));
        Verdict verdict = _pool.VerdictOf(command)!;
        Assert.Equal((Outcome.RolledBack, VerdictReason.ExitedBeforeReady, (int?)3), (verdict.Outcome, verdict.Reason, verdict.Exit?.Code));
        Assert.Equal([RolledSlotState.RolledBack, RolledSlotState.RolledBack, RolledSlotState.Waiting, RolledSlotState.Waiting], verdict.Slots.Select(slot => slot.State));
        Assert.NotNull(verdict.Slots[1].Failure);
        Assert.Single(_pool.Events, PoolEventKind.RolloutSlotFailed);
        Assert.Equal(2, _pool.Events.Count(kind => kind == PoolEventKind.RolloutSlotRestored));
    }

    [Fact]
    public void A_resume_while_the_slot_that_failed_is_restored_tries_it_again()
    {
        int command = _pool.Roll(Plan with { Order = ReplaceOrder.StopFirst, Count = 1, OnFailure = RolloutFailureAction.Pause });
        _pool.Exit(new WorkerKey(0, 1));
        _pool.Exit(_pool.Newest(0), code: 3);
        Assert.Equal(RolloutState.Paused, _pool.Supervisor.Snapshot().Rollout!.State);
        _pool.Command((s, id, _) => s.ResumeRollout(id));
        _pool.Ready(_pool.Newest(0)); // the old release, and away again
        _pool.Exit(_pool.Newest(0));
        _pool.Ready(_pool.Newest(0));
        _pool.Pass(TimeSpan.FromSeconds(1));
        Assert.True(_pool.VerdictOf(command)!.IsDone);
        Assert.Equal("v2", _pool.Slot(0).Label);
    }

    [Fact]
    public void A_worker_that_dies_in_the_bake_fails_the_release_and_its_slot_goes_back_at_once()
    {
        int command = _pool.Roll(Plan);
        _pool.Ready(_pool.Newest(0));
        _pool.Exit(_pool.Newest(0), new ExitStatus(null, 11)); // while the old one still drains
        Assert.Equal(Harness.V1, _pool.Processes[_pool.Newest(0)]);
        Assert.Equal(3, _pool.Newest(0).Generation);
        _pool.Exit(new WorkerKey(0, 1));
        Assert.Null(_pool.VerdictOf(command));
        _pool.Ready(_pool.Newest(0));
        Verdict verdict = _pool.VerdictOf(command)!;
        Assert.Equal((Outcome.RolledBack, VerdictReason.ExitedAfterReady), (verdict.Outcome, verdict.Reason));
    }

    [Fact]
    public void A_worker_that_is_given_up_in_the_bake_fails_the_release_when_it_has_ended()
    {
        int command = _pool.Roll(Plan);
        _pool.Ready(_pool.Newest(0));
        WorkerKey successor = _pool.Newest(0);
        _pool.Supervisor.ProtocolViolated(successor, "it talks too much.");
        _pool.Settle();
        _pool.Pass(TimeSpan.FromSeconds(2)); // longer than the bake
        _pool.Exit(successor, new ExitStatus(null, 9));
        _pool.Exit(new WorkerKey(0, 1));
        _pool.Ready(_pool.Newest(0));
        Verdict verdict = _pool.VerdictOf(command)!;
        Assert.Equal((Outcome.RolledBack, VerdictReason.ProtocolViolation), (verdict.Outcome, verdict.Reason));
    }

    [Fact]
    public void A_probe_that_fails_keeps_the_new_worker_from_every_connection()
    {
        _pool.ProbeFailure = "it answered 500.";
        int command = _pool.Roll(Plan with { Probe = HealthProbe.Custom((_, _) => Task.CompletedTask) });
        Assert.True(_pool.Did<SpawnWorker>()[^1].Hold);
        _pool.Ready(_pool.Newest(0));
        Assert.Empty(_pool.Did<LetAccept>());
        Assert.Empty(_pool.Did<DrainWorker>());
        _pool.Exit(_pool.Newest(0), new ExitStatus(null, 9));
        Verdict verdict = _pool.VerdictOf(command)!;
        Assert.Equal((Outcome.RolledBack, VerdictReason.ProbeFailed), (verdict.Outcome, verdict.Reason));
        Assert.Contains("it answered 500", verdict.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_healthy_worker_is_told_to_accept_before_it_has_the_slot()
    {
        _pool.Roll(Plan with { Probe = HealthProbe.Custom((_, _) => Task.CompletedTask) });
        _pool.Ready(_pool.Newest(0));
        Assert.Single(_pool.Did<LetAccept>());
        Assert.Single(_pool.Did<DrainWorker>());
    }

    [Fact]
    public void Failures_up_to_the_maximum_are_tolerated()
    {
        int command = _pool.Roll(Plan with { MaxFailures = 1 });
        _pool.Exit(_pool.Newest(0), code: 1);
        Finish(1, 2, 3);
        Verdict verdict = _pool.VerdictOf(command)!;
        Assert.True(verdict.IsDone);
        Assert.Equal(["v1", "v2", "v2", "v2"], _pool.Supervisor.Snapshot().Slots.Select(slot => slot.Label));
        Assert.Equal(RolledSlotState.Failed, verdict.Slots[0].State);
    }

    [Fact]
    public void Stop_on_failure_keeps_what_is_done()
    {
        int command = _pool.Roll(Plan with { OnFailure = RolloutFailureAction.Stop });
        Finish(0);
        _pool.Exit(_pool.Newest(1), code: 1);
        Assert.Equal(Outcome.Failed, _pool.VerdictOf(command)!.Outcome);
        Assert.Equal(["v2", "v1", "v1", "v1"], _pool.Supervisor.Snapshot().Slots.Select(slot => slot.Label));
    }

    [Fact]
    public void Pause_on_failure_waits_and_a_resume_tries_again()
    {
        int command = _pool.Roll(Plan with { OnFailure = RolloutFailureAction.Pause });
        _pool.Exit(_pool.Newest(0), code: 1);
        Assert.Equal(RolloutState.Paused, _pool.Supervisor.Snapshot().Rollout!.State);
        _pool.Pass(TimeSpan.FromHours(1));
        Assert.Null(_pool.VerdictOf(command));
        Assert.True(_pool.VerdictOf(_pool.Command((s, id, _) => s.ResumeRollout(id)))!.IsDone);
        Finish(0, 1, 2, 3);
        Assert.True(_pool.VerdictOf(command)!.IsDone);
    }

    [Fact]
    public void A_paused_rollout_finishes_what_it_began_and_begins_nothing()
    {
        _pool.Roll(Plan);
        _pool.Command((s, id, _) => s.PauseRollout(id));
        Finish(0);
        Assert.Equal(4, _pool.Processes.Count);
        Assert.Equal("v1", _pool.Slot(1).Label);
    }

    [Theory]
    [InlineData(true, Outcome.RolledBack)]
    [InlineData(false, Outcome.Failed)]
    public void An_abort_gives_up_the_worker_in_the_middle(bool rollBack, Outcome outcome)
    {
        int command = _pool.Roll(Plan);
        WorkerKey successor = _pool.Newest(0);
        _pool.Command((s, id, _) => s.AbortRollout(id, rollBack));
        Assert.Equal(9, Assert.Single(_pool.Did<SignalWorker>()).Signal);
        _pool.Exit(successor, new ExitStatus(null, 9));
        Verdict verdict = _pool.VerdictOf(command)!;
        Assert.Equal((outcome, VerdictReason.Aborted), (verdict.Outcome, verdict.Reason));
        Assert.Equal(4, _pool.Processes.Count);
    }

    [Fact]
    public void An_abort_while_the_old_worker_drains_stop_first_brings_the_previous_release_back()
    {
        int command = _pool.Roll(Plan with { Order = ReplaceOrder.StopFirst });
        _pool.Command((s, id, _) => s.AbortRollout(id, rollBack: true));
        _pool.Exit(new WorkerKey(0, 1));
        Assert.Equal(Harness.V1, _pool.Processes[_pool.Newest(0)]);
        _pool.Ready(_pool.Newest(0));
        Assert.Equal(Outcome.RolledBack, _pool.VerdictOf(command)!.Outcome);
    }

    [Fact]
    public void The_deadline_ends_a_rollout_that_does_not_come_to_an_end()
    {
        int command = _pool.Roll(Plan with { Deadline = TimeSpan.FromSeconds(10) });
        Assert.Equal(TimeSpan.FromSeconds(10), _pool.Supervisor.NextDeadline);
        _pool.Pass(TimeSpan.FromSeconds(10));
        _pool.Exit(_pool.Newest(0), new ExitStatus(null, 9));
        Assert.Equal(VerdictReason.RolloutDeadlineExceeded, _pool.VerdictOf(command)!.Reason);
    }

    [Fact]
    public void A_second_rollout_is_refused_or_supersedes_the_first()
    {
        int first = _pool.Roll(Plan);
        Assert.Equal(VerdictReason.Busy, _pool.VerdictOf(_pool.Roll(Plan))!.Reason);
        int third = _pool.Roll(new RolloutPlan(Harness.V1) { Supersede = true, Bake = TimeSpan.Zero, CheckMemory = false });
        Assert.Null(_pool.VerdictOf(third));
        _pool.Exit(_pool.Newest(0), new ExitStatus(null, 9));
        Assert.Equal(VerdictReason.Aborted, _pool.VerdictOf(first)!.Reason);
        Assert.Equal((3, Harness.V1), (_pool.Newest(0).Generation, _pool.Processes[_pool.Newest(0)]));
    }

    [Fact]
    public void Other_commands_to_its_slots_and_a_change_of_their_number_are_refused()
    {
        _pool.Roll(Plan);
        Assert.Equal(VerdictReason.Busy, _pool.VerdictOf(_pool.Drain(3))!.Reason);
        Assert.Equal(VerdictReason.Busy, _pool.VerdictOf(_pool.Scale(5))!.Reason);
    }

    [Fact]
    public void A_slot_that_is_empty_on_purpose_stays_so()
    {
        _pool.Drain(2);
        _pool.Exit(_pool.Newest(2));
        int command = _pool.Roll(Plan);
        Finish(0, 1, 3);
        Assert.True(_pool.VerdictOf(command)!.IsDone);
        Assert.Equal(SlotState.Empty, _pool.Slot(2).State);
    }

    [Fact]
    public void Stopping_the_pool_ends_the_rollout_with_a_verdict()
    {
        int command = _pool.Roll(Plan);
        _pool.Stop();
        Assert.Equal(VerdictReason.Stopping, _pool.VerdictOf(command)!.Reason);
    }

    [Fact]
    public void A_previous_release_that_does_not_start_either_is_tried_again_and_then_reported()
    {
        int command = _pool.Roll(Plan);
        Finish(0);
        _pool.Exit(_pool.Newest(1), code: 1);
        for (int attempt = 0; attempt < 5; attempt++)
        {
            _pool.Exit(_pool.Newest(0), code: 1);
            _pool.Pass(TimeSpan.FromSeconds(60));
        }

        Verdict verdict = _pool.VerdictOf(command)!;
        Assert.Equal(Outcome.Failed, verdict.Outcome);
        Assert.Equal("v2", _pool.Slot(0).Label);
        Assert.Contains(_pool.Processes.Keys, key => key.Slot == 0);
    }

    private void Finish(params int[] slots)
    {
        foreach (int slot in slots)
        {
            WorkerKey old = _pool.Processes.Keys.Where(key => key.Slot == slot).MinBy(key => key.Generation);
            _pool.Ready(_pool.Newest(slot));
            _pool.Exit(old);
            _pool.Pass(TimeSpan.FromSeconds(1));
        }
    }
}
