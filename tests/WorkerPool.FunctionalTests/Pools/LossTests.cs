using WorkerPool.FunctionalTests.Support;
using WorkerPool.Processes;
using Xunit;

namespace WorkerPool.FunctionalTests.Pools;

[Collection("Pools")]
public class LossTests
{
    private const int Waiting = 50;

    public static TheoryData<ReplaceOrder> Orders => [ReplaceOrder.StartFirst, ReplaceOrder.StopFirst];

    [Theory]
    [MemberData(nameof(Orders))]
    public async Task Connections_that_wait_at_a_frozen_worker_are_served_by_the_next_one(ReplaceOrder order)
    {
        await using TestPool pool = await TestPool.StartAsync(SmallWithShortDeadlines);
        await Machine.FreezeAsync(pool.ProcessOf(0));
        using ClientGroup waiting = await ClientGroup.AskAsync(pool, Waiting);

        (await pool.Master.ReplaceAsync(0, TestPool.Release("v2", "serve"), order)).EnsureDone();

        Assert.All(await waiting.ReceiveAsync(), answer => Assert.Equal(("v2", 2), (answer.Label, answer.Generation)));
        Assert.Equal(SignalNames.SIGKILL, (await pool.WaitForAsync(PoolEventKind.WorkerExited, 0)).Exit!.Value.Signal);
    }

    [Fact]
    public async Task Connections_that_arrive_while_the_slot_is_empty_are_served_after_the_start()
    {
        await using TestPool pool = await TestPool.StartAsync(options => options.WorkerCount = 1);
        (await pool.Master.DrainAsync(0)).EnsureDone();
        using ClientGroup waiting = await ClientGroup.AskAsync(pool, Waiting);
        Assert.Equal(0, pool.Status.ProcessCount);

        (await pool.Master.StartAsync(0, TestPool.Release("v2", "serve"))).EnsureDone();

        Assert.All(await waiting.ReceiveAsync(), answer => Assert.Equal("v2", answer.Label));
    }

    [Fact]
    public async Task A_killed_worker_loses_what_it_had_accepted_and_nothing_that_waits()
    {
        await using TestPool pool = await TestPool.StartAsync(options => options.WorkerCount = 1);
        using ClientGroup accepted = await ClientGroup.AskAsync(pool, 5);
        await accepted.ReceiveAsync();
        int process = pool.ProcessOf(0);
        await Machine.FreezeAsync(process);
        using ClientGroup waiting = await ClientGroup.AskAsync(pool, Waiting);

        Machine.Kill(process);

        Assert.All(await waiting.ReceiveAsync(), answer => Assert.Equal(("v1", 2), (answer.Label, answer.Generation)));
        foreach (Client client in accepted.Clients)
        {
            Assert.True(await client.IsEndedAsync());
        }
    }

    [Theory]
    [MemberData(nameof(Orders))]
    public async Task Replacing_every_worker_loses_no_connection(ReplaceOrder order)
    {
        await using TestPool pool = await TestPool.StartAsync();
        await using Load load = Load.Start(pool);
        await load.ForAsync(clients: 50);
        for (int slot = 0; slot < 4; slot++)
        {
            (await pool.Master.ReplaceAsync(slot, TestPool.Release("v2", "serve"), order)).EnsureDone();
        }

        await load.ForAsync(clients: 50);
        await load.EndWithoutLossAsync();
        Assert.True(load.Served["v1"] >= 50 && load.Served["v2"] >= 50, $"By label: {string.Join(", ", load.Served)}");
    }

    [Fact]
    public async Task Replacing_all_workers_at_once_loses_no_connection()
    {
        await using TestPool pool = await TestPool.StartAsync();
        await using Load load = Load.Start(pool);
        await load.ForAsync(clients: 50);
        foreach (ReplaceOrder order in Enum.GetValues<ReplaceOrder>())
        {
            Verdict[] verdicts = await Task.WhenAll(Enumerable.Range(0, 4).Select(slot => pool.Master.ReplaceAsync(slot, order: order)));
            Assert.All(verdicts, verdict => verdict.EnsureDone());
        }

        await load.EndWithoutLossAsync();
    }

    [Fact]
    public async Task The_listening_sockets_are_the_same_after_replacements_and_crashes()
    {
        await using TestPool pool = await TestPool.StartAsync();
        string[] before = Listeners(pool);
        Assert.Equal(4, before.Distinct().Count());

        (await pool.Master.ReplaceAsync(0)).EnsureDone();
        (await pool.Master.ReplaceAsync(1, order: ReplaceOrder.StopFirst)).EnsureDone();
        foreach (int slot in (int[])[0, 2])
        {
            int generation = pool.Status.Slots[slot].Workers[^1].Generation;
            Machine.Kill(pool.ProcessOf(slot));
            await pool.WaitForAsync(
                happened => happened.Kind == PoolEventKind.WorkerReady && happened.Slot == slot && happened.Generation == generation + 1,
                "the next worker is ready");
        }

        Assert.Equal(before, Listeners(pool));
        Assert.All(before, socket => Assert.True(Machine.IsHeldHere(socket)));
        Assert.Equal(before.ToHashSet(), Machine.ListenersOn(pool.EndPoint));
    }

    private static string[] Listeners(TestPool pool) =>
        [.. Enumerable.Range(0, pool.Status.Slots.Count).Select(slot => Machine.ListenerOf(pool.ProcessOf(slot)))];

    private static void SmallWithShortDeadlines(PoolOptions options)
    {
        options.WorkerCount = 1;
        options.DrainDeadline = TimeSpan.FromMilliseconds(100);
        options.StopGrace = TimeSpan.FromMilliseconds(100);
        options.KillGrace = TimeSpan.FromMilliseconds(100);
    }
}
