using WorkerPool.Supervision;
using Xunit;

namespace WorkerPool.Tests.Supervision;

public class ScaleAndStopTests
{
    private readonly Harness _pool = new Harness(slots: 4).Up();

    [Fact]
    public void Fewer_workers_steer_away_first_then_drain_then_retire_the_sockets()
    {
        int command = _pool.Scale(2);
        Assert.Equal([2, 3], _pool.Did<DrainWorker>().Select(drain => drain.Worker.Slot));
        Assert.Equal([0.5, 0.5, 0, 0], _pool.Table);
        Assert.True(_pool.Actions.FindLastIndex(a => a is SteerTo) < _pool.Actions.FindIndex(a => a is DrainWorker));

        _pool.Exit(_pool.Newest(3));
        Assert.Null(_pool.VerdictOf(command));
        _pool.Exit(_pool.Newest(2));
        Assert.True(_pool.VerdictOf(command)!.IsDone);
        Assert.Contains(new RetireSockets(2), _pool.Actions);
        Assert.Equal(2, _pool.Supervisor.SlotCount);
    }

    [Fact]
    public void More_workers_get_no_connections_before_they_are_ready()
    {
        int command = _pool.Scale(6);
        Assert.Equal([0.25, 0.25, 0.25, 0.25, 0, 0], _pool.Table);
        _pool.Ready(_pool.Newest(4));
        Assert.Equal([0.2, 0.2, 0.2, 0.2, 0.2, 0], _pool.Table);
        Assert.Null(_pool.VerdictOf(command));
        _pool.Ready(_pool.Newest(5));
        Assert.True(_pool.VerdictOf(command)!.IsDone);
        Assert.Equal(6, _pool.Table.Count(weight => weight == 1.0 / 6));
    }

    [Fact]
    public void If_one_new_worker_fails_all_new_slots_go_again()
    {
        int command = _pool.Scale(6);
        _pool.Ready(_pool.Newest(4));
        _pool.Exit(_pool.Newest(5), code: 1);
        _pool.Exit(_pool.Newest(4));
        Verdict verdict = _pool.VerdictOf(command)!;
        Assert.Equal((Outcome.Failed, VerdictReason.ExitedBeforeReady), (verdict.Outcome, verdict.Reason));
        Assert.Equal(4, _pool.Supervisor.SlotCount);
        Assert.Contains(new RetireSockets(4), _pool.Actions);
    }

    [Fact]
    public void Sockets_that_cannot_be_opened_fail_the_command_and_change_nothing()
    {
        _pool.GrowError = "socket failed: EMFILE.";
        Verdict verdict = _pool.VerdictOf(_pool.Scale(6))!;
        Assert.Equal(VerdictReason.ListenFailed, verdict.Reason);
        Assert.Equal(4, _pool.Supervisor.SlotCount);
        Assert.Equal(VerdictReason.None, _pool.VerdictOf(_pool.Scale(4))!.Reason);
    }

    [Fact]
    public void A_slot_that_comes_back_goes_on_with_its_generations()
    {
        _pool.Scale(3);
        _pool.Exit(_pool.Newest(3));
        _pool.Scale(4);
        Assert.Equal(2, _pool.Newest(3).Generation);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(1025)]
    public void Impossible_numbers_are_refused(int workers) =>
        Assert.Equal(VerdictReason.InvalidArgument, _pool.VerdictOf(_pool.Scale(workers))!.Reason);

    [Fact]
    public void Slots_that_go_are_busy_and_a_busy_slot_does_not_go()
    {
        _pool.Replace(3, Harness.V2);
        Assert.Equal(VerdictReason.Busy, _pool.VerdictOf(_pool.Scale(2))!.Reason);
        _pool.Scale(5);
        Assert.Equal(VerdictReason.Busy, _pool.VerdictOf(_pool.Scale(6))!.Reason);
    }

    [Fact]
    public void A_slot_that_goes_takes_no_command_even_when_it_is_empty_already()
    {
        _pool.Drain(3);
        _pool.Exit(_pool.Newest(3));
        _pool.Scale(2);
        Assert.Equal(VerdictReason.Busy, _pool.VerdictOf(_pool.Start(3))!.Reason);
    }

    [Fact]
    public void A_graceful_stop_lets_the_workers_take_their_queues_and_ends_when_all_are_gone()
    {
        int command = _pool.Stop();
        Assert.Equal(4, _pool.Did<DrainWorker>().Count(drain => drain.TakeQueue));
        foreach (WorkerKey worker in _pool.Processes.Keys.ToArray())
        {
            Assert.Null(_pool.VerdictOf(command));
            _pool.Exit(worker);
        }

        Assert.True(_pool.VerdictOf(command)!.IsDone);
        Assert.Equal(PoolEventKind.PoolStopped, _pool.Events.SkipLast(1).Last());
    }

    [Fact]
    public void A_stop_ends_the_commands_that_are_under_way()
    {
        int replace = _pool.Replace(0, Harness.V2);
        int scale = _pool.Scale(6);
        _pool.Stop();
        Assert.Equal(VerdictReason.Stopping, _pool.VerdictOf(replace)!.Reason);
        Assert.Equal(VerdictReason.Stopping, _pool.VerdictOf(scale)!.Reason);
        Assert.Equal(VerdictReason.Stopping, _pool.VerdictOf(_pool.Start(0))!.Reason);
    }

    [Fact]
    public void An_immediate_stop_overtakes_a_graceful_one()
    {
        int graceful = _pool.Stop();
        int immediate = _pool.Stop(StopMode.Immediate);
        Assert.Equal(4, _pool.Did<SignalWorker>().Count(signal => signal.Signal == 15));
        _pool.Pass(TimeSpan.FromSeconds(2));
        Assert.Equal(4, _pool.Did<SignalWorker>().Count(signal => signal.Signal == 9));
        foreach (WorkerKey worker in _pool.Processes.Keys.ToArray())
        {
            _pool.Exit(worker, new ExitStatus(null, 9));
        }

        Assert.True(_pool.VerdictOf(graceful)!.IsDone);
        Assert.True(_pool.VerdictOf(immediate)!.IsDone);
    }
}
