using WorkerPool.FunctionalTests.Support;
using Xunit;

namespace WorkerPool.FunctionalTests.Pools;

[Collection("Pools")]
public class VerbTests
{
    [Fact]
    public async Task All_workers_are_ready_when_the_start_is_done_and_every_one_serves()
    {
        await using TestPool pool = await TestPool.StartAsync();
        Assert.Equal(4, pool.Status.ReadyCount);
        HashSet<int> slots = [];
        while (slots.Count < 4)
        {
            slots.Add((await pool.AskAsync()).Slot);
        }
    }

    [Theory]
    [InlineData(ReplaceOrder.StartFirst)]
    [InlineData(ReplaceOrder.StopFirst)]
    public async Task A_replaced_worker_finishes_its_connections_and_the_new_one_takes_the_next(ReplaceOrder order)
    {
        await using TestPool pool = await TestPool.StartAsync(options => options.WorkerCount = 1);
        using Client old = await pool.ConnectAsync();
        Assert.Equal("v1", (await old.AskAsync()).Label);

        Task<Verdict> replacing = pool.Master.ReplaceAsync(0, TestPool.Release("v2", "serve"), order);
        await pool.WaitForAsync(PoolEventKind.WorkerDraining, 0);
        Assert.Equal("v1", (await old.AskAsync("still there")).Label);
        Assert.False(replacing.IsCompleted);
        old.Dispose();

        (await replacing).EnsureDone();
        Assert.Equal(("v2", 2), ((await pool.AskAsync()).Label, pool.Status.Slots[0].Workers[0].Generation));
    }

    [Fact]
    public async Task A_graceful_stop_ends_with_all_workers_gone_and_exit_code_zero()
    {
        await using TestPool pool = await TestPool.StartAsync();
        (await pool.Master.StopAsync()).EnsureDone();
        Assert.Equal(0, pool.Status.ProcessCount);
        for (int slot = 0; slot < 4; slot++)
        {
            Assert.Equal(0, (await pool.WaitForAsync(PoolEventKind.WorkerExited, slot)).Exit!.Value.Code);
        }
    }
}
