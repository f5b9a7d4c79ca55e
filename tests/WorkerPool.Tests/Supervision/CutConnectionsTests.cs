using WorkerPool.Supervision;
using Xunit;

namespace WorkerPool.Tests.Supervision;

/// <summary>Which connections count as cut: those that were live when the worker was told to stop, or died in a drain.</summary>
public class CutConnectionsTests
{
    private readonly Harness _pool = new Harness().Up();

    [Fact]
    public void A_drain_that_ends_in_time_cuts_none()
    {
        (WorkerKey worker, int command) = DrainWith(7);
        _pool.Supervisor.Report(worker, connections: 0, accepted: 7);
        _pool.Exit(worker);

        Assert.Equal(0, _pool.VerdictOf(command)!.ConnectionsCut);
    }

    [Fact]
    public void A_worker_that_exits_with_zero_before_its_last_report_arrived_cuts_none()
    {
        (WorkerKey worker, int command) = DrainWith(7);
        _pool.Exit(worker);

        Assert.Equal(0, _pool.VerdictOf(command)!.ConnectionsCut);
    }

    [Fact]
    public void A_worker_that_dies_while_it_drains_cuts_what_it_still_had()
    {
        (WorkerKey worker, int command) = DrainWith(7);
        _pool.Supervisor.Report(worker, connections: 4, accepted: 7);
        _pool.Exit(worker, code: 1);

        Verdict verdict = _pool.VerdictOf(command)!;
        Assert.Equal(4, verdict.ConnectionsCut);
        Assert.Contains("4 connections cut", verdict.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void At_the_deadline_what_is_live_counts_however_the_worker_ends_and_whatever_it_reports_then(int exitCode)
    {
        (WorkerKey worker, int command) = DrainWith(7);
        _pool.Supervisor.Report(worker, connections: 3, accepted: 7);
        _pool.Pass(TimeSpan.FromSeconds(20));
        _pool.Supervisor.Report(worker, connections: 0, accepted: 7); // it cut them itself, as it was told
        _pool.Exit(worker, exitCode);

        Assert.Equal(3, _pool.VerdictOf(command)!.ConnectionsCut);
    }

    [Fact]
    public void The_steps_after_the_deadline_do_not_count_again()
    {
        (WorkerKey worker, int command) = DrainWith(7);
        _pool.Pass(TimeSpan.FromSeconds(20));
        _pool.Pass(TimeSpan.FromSeconds(5));
        _pool.Pass(TimeSpan.FromSeconds(2));
        _pool.Exit(worker, new ExitStatus(null, 9));

        Assert.Equal(7, _pool.VerdictOf(command)!.ConnectionsCut);
    }

    [Fact]
    public void A_scale_counts_those_of_all_slots_that_go()
    {
        Harness pool = new Harness(slots: 4).Up();
        foreach (int slot in (int[])[1, 2, 3])
        {
            pool.Supervisor.Report(pool.Newest(slot), connections: slot, accepted: 9);
        }

        int command = pool.Scale(1);
        pool.Exit(pool.Newest(1)); // in time
        pool.Pass(TimeSpan.FromSeconds(20));
        pool.Exit(pool.Newest(2));
        pool.Exit(pool.Newest(3), code: 1);

        Assert.Equal((true, 2 + 3), (pool.VerdictOf(command)!.IsDone, pool.VerdictOf(command)!.ConnectionsCut));
    }

    private (WorkerKey Worker, int Command) DrainWith(int connections)
    {
        WorkerKey worker = _pool.Newest(0);
        _pool.Supervisor.Report(worker, connections, accepted: connections);
        return (worker, _pool.Drain(0));
    }
}
