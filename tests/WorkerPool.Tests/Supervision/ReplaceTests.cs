using WorkerPool.Supervision;
using Xunit;

namespace WorkerPool.Tests.Supervision;

public class ReplaceTests
{
    private readonly Harness _pool = new Harness().Up();

    [Fact]
    public void Start_first_drains_the_old_worker_only_when_the_new_one_is_ready()
    {
        WorkerKey old = _pool.Newest(0);
        int command = _pool.Replace(0, Harness.V2);
        Assert.Empty(_pool.Did<DrainWorker>());
        Assert.Equal(SlotState.Replacing, _pool.Slot(0).State);

        WorkerKey successor = _pool.Newest(0);
        _pool.Ready(successor);
        Assert.Equal(old, Assert.Single(_pool.Did<DrainWorker>()).Worker);
        Assert.Null(_pool.VerdictOf(command));

        _pool.Exit(old);
        Assert.Equal(Outcome.Done, _pool.VerdictOf(command)!.Outcome);
        Assert.Equal("v2", _pool.Slot(0).Label);
        Assert.Equal(successor.Generation, Assert.Single(_pool.Slot(0).Workers).Generation);
    }

    [Fact]
    public void Stop_first_starts_the_new_worker_only_when_the_old_one_is_gone()
    {
        WorkerKey old = _pool.Newest(0);
        int command = _pool.Replace(0, Harness.V2, ReplaceOrder.StopFirst);
        Assert.Equal(old, Assert.Single(_pool.Did<DrainWorker>()).Worker);
        Assert.Equal(2, _pool.Processes.Count);

        _pool.Exit(old);
        _pool.Ready(_pool.Newest(0));
        Assert.True(_pool.VerdictOf(command)!.IsDone);
        Assert.Equal("v2", _pool.Slot(0).Label);
    }

    [Fact]
    public void A_start_first_successor_that_dies_costs_nothing()
    {
        WorkerKey old = _pool.Newest(0);
        int command = _pool.Replace(0, Harness.V2);
        _pool.Exit(_pool.Newest(0), code: 3);

        Verdict verdict = _pool.VerdictOf(command)!;
        Assert.Equal((Outcome.Failed, VerdictReason.ExitedBeforeReady), (verdict.Outcome, verdict.Reason));
        Assert.Equal(3, verdict.Exit!.Value.Code);
        Assert.Equal(["last words"], verdict.LastErrorLines);
        Assert.Equal("v1", _pool.Slot(0).Label);
        Assert.Equal(SlotState.Ready, _pool.Slot(0).State);
        Assert.Contains(old, _pool.Processes);
    }

    [Fact]
    public void A_stop_first_successor_that_dies_gives_the_slot_back_to_the_previous_release()
    {
        int command = _pool.Replace(0, Harness.V2, ReplaceOrder.StopFirst);
        _pool.Exit(_pool.Newest(0));
        _pool.Exit(_pool.Newest(0), code: 1);
        Assert.Null(_pool.VerdictOf(command));
        Assert.Equal("v1", _pool.Processes[_pool.Newest(0)].Label);

        _pool.Ready(_pool.Newest(0));
        Verdict verdict = _pool.VerdictOf(command)!;
        Assert.Equal(VerdictReason.ExitedBeforeReady, verdict.Reason);
        Assert.Contains("previous release again", verdict.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void If_the_previous_release_does_not_start_either_the_slot_goes_on_trying_it()
    {
        int command = _pool.Replace(0, Harness.V2, ReplaceOrder.StopFirst);
        _pool.Exit(_pool.Newest(0));
        _pool.Exit(_pool.Newest(0), code: 1);
        _pool.Exit(_pool.Newest(0), code: 1);
        Assert.Equal(Outcome.Failed, _pool.VerdictOf(command)!.Outcome);
        Assert.Equal(SlotState.BackingOff, _pool.Slot(0).State);

        _pool.Pass(TimeSpan.FromSeconds(1));
        Assert.Equal("v1", _pool.Processes[_pool.Newest(0)].Label);
    }

    [Fact]
    public void A_worker_that_is_not_ready_in_time_is_killed_and_named_in_the_verdict()
    {
        int command = _pool.Replace(0, Harness.V2);
        WorkerKey successor = _pool.Newest(0);
        _pool.Pass(TimeSpan.FromSeconds(30));
        Assert.Contains(new SignalWorker(successor, 9), _pool.Actions);
        Assert.Null(_pool.VerdictOf(command));

        _pool.Exit(successor, new ExitStatus(null, 9));
        Assert.Equal(VerdictReason.StartDeadlineExceeded, _pool.VerdictOf(command)!.Reason);
    }

    [Fact]
    public void The_successor_takes_the_slot_if_the_old_worker_dies_meanwhile()
    {
        int command = _pool.Replace(0, Harness.V2);
        WorkerKey successor = _pool.Newest(0);
        _pool.Exit(_pool.Processes.Keys.Single(key => key.Slot == 0 && key != successor), code: 139);
        Assert.Null(_pool.VerdictOf(command));
        Assert.Single(_pool.Processes.Keys, key => key.Slot == 0);

        _pool.Ready(successor);
        Assert.True(_pool.VerdictOf(command)!.IsDone);
    }

    [Fact]
    public void If_both_die_the_slot_goes_back_to_its_release()
    {
        int command = _pool.Replace(0, Harness.V2);
        WorkerKey successor = _pool.Newest(0);
        _pool.Exit(_pool.Processes.Keys.Single(key => key.Slot == 0 && key != successor), code: 139);
        _pool.Exit(successor, code: 1);
        Assert.Equal(Outcome.Failed, _pool.VerdictOf(command)!.Outcome);

        _pool.Pass(TimeSpan.FromSeconds(1));
        Assert.Equal("v1", _pool.Processes[_pool.Newest(0)].Label);
    }

    [Fact]
    public void A_successor_that_dies_while_the_old_worker_still_drains_is_started_again()
    {
        WorkerKey old = _pool.Newest(0);
        int command = _pool.Replace(0, Harness.V2);
        _pool.Ready(_pool.Newest(0));
        _pool.Exit(_pool.Newest(0), code: 1);
        _pool.Pass(TimeSpan.FromSeconds(1));
        Assert.Equal("v2", _pool.Processes[_pool.Newest(0)].Label);

        _pool.Ready(_pool.Newest(0));
        Assert.Null(_pool.VerdictOf(command));
        _pool.Exit(old);
        Assert.True(_pool.VerdictOf(command)!.IsDone);
        Assert.Equal(SlotState.Ready, _pool.Slot(0).State);
    }

    [Fact]
    public void An_old_worker_that_gets_ready_after_the_command_is_not_taken_for_the_new_one()
    {
        _pool.Exit(_pool.Newest(0), code: 1);
        _pool.Pass(TimeSpan.FromSeconds(1));
        WorkerKey respawned = _pool.Newest(0);
        int command = _pool.Replace(0, Harness.V2);
        WorkerKey successor = _pool.Newest(0);

        _pool.Ready(respawned);
        Assert.Null(_pool.VerdictOf(command));
        _pool.Ready(successor);
        _pool.Exit(respawned);
        Assert.True(_pool.VerdictOf(command)!.IsDone);
    }

    [Fact]
    public void A_process_that_cannot_be_started_fails_the_command_with_the_reason()
    {
        _pool.SpawnError = "posix_spawn(/nowhere) failed: ENOENT.";
        Verdict verdict = _pool.VerdictOf(_pool.Replace(0, Harness.V2))!;
        Assert.Equal(VerdictReason.SpawnFailed, verdict.Reason);
        Assert.Contains("ENOENT", verdict.Message, StringComparison.Ordinal);
        Assert.Equal(SlotState.Ready, _pool.Slot(0).State);
    }

    [Fact]
    public void A_second_command_on_the_slot_is_refused_and_one_on_another_slot_is_not()
    {
        _pool.Replace(0, Harness.V2);
        Verdict refused = _pool.VerdictOf(_pool.Drain(0))!;
        Assert.Equal((Outcome.Refused, VerdictReason.Busy), (refused.Outcome, refused.Reason));
        Assert.Null(_pool.VerdictOf(_pool.Replace(1, Harness.V2)));
    }

    [Fact]
    public void An_old_worker_that_does_not_drain_is_told_then_terminated_then_killed()
    {
        WorkerKey old = _pool.Newest(0);
        int command = _pool.Replace(0, Harness.V2, ReplaceOrder.StopFirst);
        _pool.Supervisor.Report(old, connections: 7, accepted: 100);
        _pool.Pass(TimeSpan.FromSeconds(20));
        Assert.Equal(old, Assert.Single(_pool.Did<StopWorker>()).Worker);
        Assert.Empty(_pool.Did<SignalWorker>());

        _pool.Pass(TimeSpan.FromSeconds(5));
        Assert.Equal([15], _pool.Did<SignalWorker>().Select(signal => signal.Signal));
        _pool.Pass(TimeSpan.FromSeconds(2));
        Assert.Equal([15, 9], _pool.Did<SignalWorker>().Select(signal => signal.Signal));

        _pool.Exit(old, new ExitStatus(null, 9));
        _pool.Ready(_pool.Newest(0));
        Verdict verdict = _pool.VerdictOf(command)!;
        Assert.True(verdict.IsDone);
        Assert.Equal(7, verdict.ConnectionsCut);
    }

    [Fact]
    public void A_slot_that_is_empty_on_purpose_is_not_replaced()
    {
        int drain = _pool.Drain(0);
        _pool.Exit(_pool.Newest(0));
        Assert.True(_pool.VerdictOf(drain)!.IsDone);
        Assert.Equal(VerdictReason.SlotEmpty, _pool.VerdictOf(_pool.Replace(0, Harness.V2))!.Reason);
    }

    [Fact]
    public void A_broken_slot_is_mended_by_a_good_release()
    {
        for (int death = 0; death < 5; death++)
        {
            _pool.Exit(_pool.Newest(0), code: 1);
            _pool.Pass(death < 4 ? TimeSpan.FromSeconds(30) : TimeSpan.Zero);
        }

        Assert.Equal(SlotState.Broken, _pool.Slot(0).State);
        int command = _pool.Replace(0, Harness.V2);
        _pool.Ready(_pool.Newest(0));
        Assert.True(_pool.VerdictOf(command)!.IsDone);
        Assert.Equal((SlotState.Ready, 0), (_pool.Slot(0).State, _pool.Slot(0).ConsecutiveDeaths));
    }
}
