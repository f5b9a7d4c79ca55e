using WorkerPool.FunctionalTests.Support;
using Xunit;

namespace WorkerPool.FunctionalTests.Hosts;

/// <summary>Disposing again, or several times at once, is disposing.</summary>
[Collection("Pools")]
public class DisposeTests
{
    [Fact]
    public async Task A_master_that_is_disposed_often_stops_once_and_every_caller_waits_for_it()
    {
        await using TestPool pool = await TestPool.StartAsync(options => options.WorkerCount = 2);
        WatchedProcess[] workers = WatchedProcess.Watch([pool.ProcessOf(0), pool.ProcessOf(1)]);

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            await pool.Master.DisposeAsync();
            Assert.True(pool.Master.Stopped.IsCompletedSuccessfully);
            Assert.Empty(Machine.ListenersOn(pool.EndPoint));
        })));
        await pool.Master.DisposeAsync();

        foreach (WatchedProcess worker in workers)
        {
            await worker.ExitAsync();
            worker.Dispose();
        }
    }

    [Fact]
    public async Task A_worker_that_is_disposed_often_leaves_once()
    {
        await using LoneWorker worker = await LoneWorker.ReadyAsync(hold: false, "dispose-often");

        Assert.Equal(0, (await worker.ExitAsync()).Code);
        Assert.Empty(worker.LastErrorLines);
    }
}
