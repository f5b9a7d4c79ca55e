using WorkerPool.FunctionalTests.Support;
using Xunit;

namespace WorkerPool.FunctionalTests.Pools;

[Collection("Pools")]
public class RecyclingTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Workers_that_are_due_are_replaced_under_load_and_no_connection_is_lost(bool byMemory)
    {
        await using TestPool pool = await TestPool.StartAsync(options =>
        {
            options.WorkerCount = 2;
            options.Recycle.Period = TimeSpan.FromMilliseconds(100);
            options.Recycle.MemoryBytes = byMemory ? 1 : null;
            options.Recycle.Connections = byMemory ? null : 50;
            options.Respawn.StableAfter = TimeSpan.FromMilliseconds(500);
        });
        await using Load load = Load.Start(pool);
        int mostProcesses = 0;
        for (int slot = 0; slot < 2; slot++)
        {
            int wanted = slot;
            await pool.WaitForAsync(happened => happened is { Kind: PoolEventKind.WorkerDue } && happened.Slot == wanted, $"slot {slot} is due");
            await pool.WaitForAsync(happened => happened is { Kind: PoolEventKind.WorkerReady, Generation: 2 } && happened.Slot == wanted, $"slot {slot} is renewed");
            mostProcesses = Math.Max(mostProcesses, pool.Status.ProcessCount);
        }

        Assert.InRange(mostProcesses, 2, 3);
        await load.EndWithoutLossAsync();
    }

    [Fact]
    public async Task Balance_and_slow_start_lose_nothing_either()
    {
        await using TestPool pool = await TestPool.StartAsync(options =>
        {
            options.Steering.BalancePeriod = TimeSpan.FromMilliseconds(2);
            options.Steering.SlowStart = TimeSpan.FromSeconds(1);
        });
        await using Load load = Load.Start(pool);
        (await pool.Master.RollAsync(new RolloutPlan(TestPool.Release("v2", "serve")) { Bake = TimeSpan.Zero })).EnsureDone();
        await load.ForAsync(clients: 100);
        await load.EndWithoutLossAsync();
    }
}
