using WorkerPool.FunctionalTests.Support;
using Xunit;

namespace WorkerPool.FunctionalTests.Hosts;

/// <summary>A worker that wraps the shared listener in a .NET Socket, and disposes it in the middle of an accept.</summary>
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
    public async Task Only_connections_that_wait_in_the_queue_of_a_hostile_worker_can_be_lost()
    {
        await using TestPool pool = await TestPool.StartAsync(options => (options.WorkerCount, options.Release) = (1, Hostile));

        // The first is taken by the accept that the worker has begun; the others wait while it destroys the queue.
        List<Client> waiting = [];
        for (int i = 0; i < 10; i++)
        {
            waiting.Add(await pool.ConnectAsync());
        }

        (await pool.Master.DrainAsync(0)).EnsureDone();
        await pool.WaitForAsync(PoolEventKind.SocketHealed, 0);

        // From here on every connection counts again, also one that waits until there is a worker.
        using Client early = await pool.ConnectAsync();
        await early.SendAsync("early");
        (await pool.Master.StartAsync(0, Good)).EnsureDone();
        Assert.Equal("early", (await early.ReceiveAsync()).Line);
        early.EndSending();
        Assert.True(await early.IsEndedAsync());
        await AssertServedInOrderAsync(pool, 50);
        waiting.ForEach(client => client.Dispose());
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
