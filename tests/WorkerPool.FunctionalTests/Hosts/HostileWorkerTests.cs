using WorkerPool.FunctionalTests.Support;
using Xunit;

namespace WorkerPool.FunctionalTests.Hosts;

/// <summary>Workers that damage the listener that they share with their successors, knowing or not.</summary>
[Collection("Pools")]
public class HostileWorkerTests
{
    private static readonly Release Hostile = TestPool.Release("hostile", "wrap-listener");
    private static readonly Release Good = TestPool.Release("good", "serve");

    [Theory]
    [InlineData(ReplaceOrder.StartFirst)]
    [InlineData(ReplaceOrder.StopFirst)]
    public async Task What_a_worker_did_to_the_shared_listener_is_repaired_when_it_has_ended(ReplaceOrder order)
    {
        await using TestPool pool = await TestPool.StartAsync(options => (options.WorkerCount, options.Release) = (1, Hostile));
        (await pool.Master.ReplaceAsync(0, Good, order)).EnsureDone();
        PoolEvent healed = await pool.WaitForAsync(PoolEventKind.SocketHealed, 0);
        Assert.Contains("repaired", healed.Message, StringComparison.Ordinal);
        await AssertServedInOrderAsync(pool, 50);
    }

    [Fact]
    public async Task A_listener_that_a_worker_destroyed_costs_its_queue_and_nothing_that_comes_later()
    {
        await using TestPool pool = await TestPool.StartAsync(options =>
            (options.WorkerCount, options.Release) = (1, TestPool.Release("destroyer", "destroy-listener")));
        List<Client> waiting = [];
        for (int i = 0; i < 10; i++)
        {
            waiting.Add(await pool.ConnectAsync());
        }

        Verdict drained = (await pool.Master.DrainAsync(0)).EnsureDone();
        Assert.Contains("exit code 0", drained.Message, StringComparison.Ordinal); // the call succeeded
        PoolEvent healed = await pool.WaitForAsync(PoolEventKind.SocketHealed, 0);
        Assert.Contains("ceased to listen", healed.Message, StringComparison.Ordinal);
        foreach (Client lost in waiting)
        {
            // The limit of what healing can reach; were they served, docs/architecture.md would be wrong.
            await Assert.ThrowsAsync<IOException>(lost.IsEndedAsync);
            lost.Dispose();
        }

        // From here on every connection counts again, also one that waits until there is a worker.
        using Client early = await pool.ConnectAsync();
        await early.SendAsync("early");
        (await pool.Master.StartAsync(0, Good)).EnsureDone();
        Assert.Equal("early", (await early.ReceiveAsync()).Line);
        early.EndSending();
        Assert.True(await early.IsEndedAsync());
        await AssertServedInOrderAsync(pool, 50);
    }

    [Fact]
    public async Task A_worker_that_hands_over_what_is_no_connection_is_killed_and_others_are_not()
    {
        await using TestPool pool = await TestPool.StartAsync(options =>
            (options.WorkerCount, options.Release) = (2, TestPool.Release("junk", "hand-over-garbage")));
        int other = pool.ProcessOf(1);

        await pool.Master.DrainAsync(0);

        PoolEvent violation = await pool.WaitForAsync(PoolEventKind.ProtocolViolation, 0);
        Assert.Contains("without a descriptor", violation.Message, StringComparison.Ordinal);
        Assert.Equal((other, WorkerState.Ready), (pool.ProcessOf(1), pool.Status.Slots[1].Workers[0].State));
    }

    private static async Task AssertServedInOrderAsync(TestPool pool, int count)
    {
        for (int i = 0; i < count; i++)
        {
            using Client client = await pool.ConnectAsync();
            Assert.Equal("good", (await client.AskAsync()).Label);
            client.EndSending();
            Assert.True(await client.IsEndedAsync());
        }
    }
}
