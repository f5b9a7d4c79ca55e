using WorkerPool.Supervision;
using Xunit;

namespace WorkerPool.Tests.Supervision;

public class ReopenLogsTests
{
    [Fact]
    public void Workers_that_serve_or_drain_are_told_at_once_and_one_that_starts_is_told_when_it_is_ready()
    {
        Harness pool = new Harness().Up();
        WorkerKey draining = pool.Newest(0);
        pool.Replace(0, Harness.V2);
        pool.Ready(pool.Newest(0));
        pool.Replace(1, Harness.V2);
        WorkerKey starting = pool.Newest(1);

        int command = pool.Command((supervisor, id, _) => supervisor.ReopenLogs(id));
        Assert.True(pool.VerdictOf(command)!.IsDone);
        Assert.Contains("4 workers", pool.VerdictOf(command)!.Message, StringComparison.Ordinal);
        WorkerKey[] told = [.. pool.Did<TellToReopenLogs>().Select(tell => tell.Worker)];
        Assert.Equal(3, told.Length);
        Assert.Contains(draining, told);
        Assert.DoesNotContain(starting, told);

        pool.Ready(starting);
        Assert.Equal(starting, pool.Did<TellToReopenLogs>()[^1].Worker);
        Assert.Equal(4, pool.Did<TellToReopenLogs>().Length);
    }

    [Fact]
    public void Workers_of_another_kind_get_the_signal_that_they_know()
    {
        Harness pool = new Harness(1, settings => settings with { ReopenLogsSignal = 10 }).Up();
        pool.Command((supervisor, id, _) => supervisor.ReopenLogs(id));
        Assert.Equal([new SignalWorker(pool.Newest(0), 10)], pool.Did<SignalWorker>());
        Assert.Empty(pool.Did<TellToReopenLogs>());
    }
}
