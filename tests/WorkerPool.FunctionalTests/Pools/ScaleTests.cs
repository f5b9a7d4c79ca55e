using WorkerPool.FunctionalTests.Support;
using Xunit;

namespace WorkerPool.FunctionalTests.Pools;

[Collection("Pools")]
public class ScaleTests
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(200);

    [Fact]
    public async Task What_waits_at_frozen_workers_of_slots_that_go_is_served_by_those_that_stay()
    {
        await using TestPool pool = await TestPool.StartAsync(options =>
        {
            options.WorkerCount = 8;
            options.DrainDeadline = Short;
            options.StopGrace = Short;
            options.KillGrace = Short;
        });
        HashSet<string> sockets = Machine.ListenersOn(pool.EndPoint);
        foreach (int slot in Enumerable.Range(2, 6))
        {
            await Machine.FreezeAsync(pool.ProcessOf(slot));
        }

        using ClientGroup waiting = await ClientGroup.AskAsync(pool, 200);
        await using Load load = Load.Start(pool);
        await load.ForAsync(clients: 100);

        (await pool.Master.ScaleAsync(2)).EnsureDone();
        Assert.Equal((2, 2), (pool.Status.Slots.Count, pool.Status.ReadyCount));
        Assert.All(await waiting.ReceiveAsync(), answer => Assert.InRange(answer.Slot, 0, 1));
        await pool.WaitForAsync(PoolEventKind.ConnectionsPassed);

        (await pool.Master.ScaleAsync(8)).EnsureDone();
        await load.ForAsync(clients: 100);
        await load.EndWithoutLossAsync();
        Assert.Equal(8, pool.Status.ReadyCount);
        Assert.Equal(2, pool.Status.Slots[7].Workers[0].Generation);
        Assert.Equal(sockets, Machine.ListenersOn(pool.EndPoint));
        await ServesInEverySlotAsync(pool, 8);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Growing_with_a_broken_release_leaves_the_pool_as_it_was(int before)
    {
        await using TestPool pool = await TestPool.StartAsync(options => options.WorkerCount = before);
        await using Load load = Load.Start(pool);
        await load.ForAsync(clients: 50);

        Verdict verdict = await pool.Master.ScaleAsync(4, TestPool.Release("v2", "exit-before-ready", "1"));

        Assert.Equal((Outcome.Failed, VerdictReason.ExitedBeforeReady), (verdict.Outcome, verdict.Reason));
        Assert.Contains("this release is broken", verdict.LastErrorLines);
        Assert.Contains($"keeps {before} workers", verdict.Message, StringComparison.Ordinal);
        Assert.Equal((before, before), (pool.Status.Slots.Count, pool.Status.ProcessCount));
        await load.ForAsync(clients: 50);
        await load.EndWithoutLossAsync();
    }

    [Fact]
    public async Task New_slots_get_no_connection_before_their_workers_are_ready()
    {
        KernelSteering.Require();
        await using TestPool pool = await TestPool.StartAsync(options => options.WorkerCount = 2);
        Task<Verdict> growing = pool.Master.ScaleAsync(4, TestPool.Release("v2", "slow-start", "2000"));
        await pool.WaitForAsync(PoolEventKind.WorkerSpawned, 3);

        using ClientGroup clients = await ClientGroup.AskAsync(pool, 50);
        Assert.All(await clients.ReceiveAsync(), answer => Assert.InRange(answer.Slot, 0, 1));

        Assert.False(growing.IsCompleted, "All of this is to happen while the new workers start.");
        (await growing).EnsureDone();
        await ServesInEverySlotAsync(pool, 4);
    }

    [Fact]
    public async Task Sockets_of_slots_that_are_gone_are_closed_after_the_linger_time_and_made_anew_when_they_come_back()
    {
        await using TestPool pool = await TestPool.StartAsync(options =>
        {
            options.WorkerCount = 4;
            options.RetiredSocketLinger = Short;
        });
        HashSet<string> before = Machine.ListenersOn(pool.EndPoint);
        await using Load load = Load.Start(pool);

        (await pool.Master.ScaleAsync(2)).EnsureDone();
        await Machine.UntilAsync(() => Machine.ListenersOn(pool.EndPoint).Count == 2, "the sockets of slots 2 and 3 are closed");
        HashSet<string> kept = Machine.ListenersOn(pool.EndPoint);
        Assert.Subset(before, kept);

        (await pool.Master.ScaleAsync(4)).EnsureDone();
        Assert.Equal(4, Machine.ListenersOn(pool.EndPoint).Count);
        Assert.Superset(kept, Machine.ListenersOn(pool.EndPoint));
        await ServesInEverySlotAsync(pool, 4);
        await load.EndWithoutLossAsync();
    }

    [Fact]
    public async Task Going_up_and_down_under_load_loses_no_connection()
    {
        await using TestPool pool = await TestPool.StartAsync(options =>
        {
            options.WorkerCount = 4;
            options.RetiredSocketLinger = Short;
        });
        await using Load load = Load.Start(pool);
        foreach (int workers in (int[])[1, 3, 2, 4, 1])
        {
            (await pool.Master.ScaleAsync(workers)).EnsureDone();
            await load.ForAsync(clients: 30);
        }

        await load.EndWithoutLossAsync();
        Assert.Equal(1, pool.Status.ProcessCount);
    }

    private static async Task ServesInEverySlotAsync(TestPool pool, int slots)
    {
        HashSet<int> seen = [];
        for (int attempt = 0; seen.Count < slots; attempt++)
        {
            Assert.True(attempt < 1000, $"After {attempt} connections these slots have served: {string.Join(", ", seen)}.");
            seen.Add((await pool.AskAsync()).Slot);
        }
    }
}
