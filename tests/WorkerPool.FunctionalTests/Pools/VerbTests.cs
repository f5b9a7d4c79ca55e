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

    [Fact]
    public async Task A_second_command_for_a_busy_slot_is_refused_and_other_slots_are_not_held_up()
    {
        await using TestPool pool = await TestPool.StartAsync(options => options.WorkerCount = 2);
        using ClientGroup live = await ClientGroup.AskAsync(pool, 20);
        Assert.Equal(2, (await live.ReceiveAsync()).DistinctBy(answer => answer.Slot).Count());

        Task<Verdict>[] replacing = [pool.Master.ReplaceAsync(0), pool.Master.ReplaceAsync(1)];
        await pool.WaitForAsync(PoolEventKind.WorkerDraining, 0);
        await pool.WaitForAsync(PoolEventKind.WorkerDraining, 1);
        foreach (Verdict refused in (Verdict[])[
            await pool.Master.ReplaceAsync(0), await pool.Master.DrainAsync(0), await pool.Master.StartAsync(1), await pool.Master.ScaleAsync(1)])
        {
            Assert.True(refused is { Outcome: Outcome.Refused, Reason: VerdictReason.Busy or VerdictReason.SlotOccupied }, refused.Message);
        }

        Assert.All(replacing, task => Assert.False(task.IsCompleted));
        live.Dispose();
        Assert.All(await Task.WhenAll(replacing), verdict => Assert.Equal((Outcome.Done, 0), (verdict.Outcome, verdict.ConnectionsCut)));
    }

    [Fact]
    public async Task While_respawn_is_suspended_a_killed_worker_stays_dead_until_it_is_resumed()
    {
        KernelSteering.Require();
        await using TestPool pool = await TestPool.StartAsync(options => options.WorkerCount = 2);
        (await pool.Master.SuspendRespawnAsync()).EnsureDone();
        Machine.Kill(pool.ProcessOf(0));
        await pool.WaitForAsync(PoolEventKind.WorkerExited, 0);

        // A whole worker's life elsewhere: far more than the delay before a respawn.
        (await pool.Master.ReplaceAsync(1)).EnsureDone();
        Assert.Empty(pool.Status.Slots[0].Workers);
        Assert.True(pool.Status.RespawnSuspended);
        using ClientGroup clients = await ClientGroup.AskAsync(pool, 20);
        Assert.All(await clients.ReceiveAsync(), answer => Assert.Equal(1, answer.Slot)); // steered away

        (await pool.Master.ResumeRespawnAsync()).EnsureDone();
        await pool.WaitForAsync(happened => happened is { Kind: PoolEventKind.WorkerReady, Slot: 0, Generation: 2 }, "slot 0 is ready again");
        using ClientGroup later = await ClientGroup.AskAsync(pool, 60);
        Assert.Contains(await later.ReceiveAsync(), answer => answer.Slot == 0);
        Assert.False(pool.Status.RespawnSuspended);
    }

    [Fact]
    public async Task Suspending_respawn_and_draining_and_starting_slot_by_slot_loses_no_connection()
    {
        await using TestPool pool = await TestPool.StartAsync();
        await using Load load = Load.Start(pool);
        (await pool.Master.SuspendRespawnAsync()).EnsureDone();
        for (int slot = 0; slot < 4; slot++)
        {
            (await pool.Master.DrainAsync(slot)).EnsureDone();
            Assert.Equal(SlotState.Empty, pool.Status.Slots[slot].State);
            (await pool.Master.StartAsync(slot, TestPool.Release("v2", "serve"))).EnsureDone();
        }

        (await pool.Master.ResumeRespawnAsync()).EnsureDone();
        await load.ForAsync(clients: 50);
        await load.EndWithoutLossAsync();
        Assert.All(pool.Status.Slots, slot => Assert.Equal((SlotState.Ready, "v2"), (slot.State, slot.Label)));
    }

    [Fact]
    public async Task A_crash_loop_opens_the_breaker_of_its_slot_and_touches_no_other()
    {
        KernelSteering.Require();
        string broken = Path.Combine(Path.GetTempPath(), $"workerpool-broken-{Guid.NewGuid():N}");
        await using TestPool pool = await TestPool.StartAsync(options =>
        {
            options.WorkerCount = 3;
            options.Respawn.BreakerThreshold = 3;
            options.Release = TestPool.Script("v1", $"[ ! -e '{broken}' ] || exit 3", "serve");
        });
        int[] others = [pool.ProcessOf(1), pool.ProcessOf(2)];
        await File.WriteAllTextAsync(broken, "");

        Machine.Kill(pool.ProcessOf(0));
        await pool.WaitForAsync(PoolEventKind.BreakerOpened, 0);
        SlotStatus slot = pool.Status.Slots[0];
        Assert.Equal((SlotState.Broken, 3, 3), (slot.State, slot.ConsecutiveDeaths, slot.LastExit!.Value.Code));
        Assert.NotNull(slot.NextRespawn);
        Assert.Equal(others, new[] { pool.ProcessOf(1), pool.ProcessOf(2) });
        using ClientGroup clients = await ClientGroup.AskAsync(pool, 30);
        Assert.Equal([1, 2], (await clients.ReceiveAsync()).Select(answer => answer.Slot).Distinct().Order()); // steered away

        File.Delete(broken);
        (await pool.Master.ReplaceAsync(0)).EnsureDone();
        await pool.WaitForAsync(PoolEventKind.BreakerClosed, 0);
        using ClientGroup later = await ClientGroup.AskAsync(pool, 60);
        Assert.Equal([0, 1, 2], (await later.ReceiveAsync()).Select(answer => answer.Slot).Distinct().Order());
        Assert.Equal(others, new[] { pool.ProcessOf(1), pool.ProcessOf(2) });
    }

    [Fact]
    public async Task The_events_add_up_to_the_status()
    {
        await using TestPool pool = await TestPool.StartAsync(options => options.WorkerCount = 2);
        Dictionary<int, HashSet<int?>> processes = pool.Status.Slots.ToDictionary(slot => slot.Slot, slot => new HashSet<int?> { slot.Workers[0].ProcessId });
        IAsyncEnumerable<PoolEvent> events = pool.Master.ReadEventsAsync();
        (await pool.Master.ReplaceAsync(0)).EnsureDone();
        Assert.False((await pool.Master.ReplaceAsync(1, TestPool.Release("v2", "exit-before-ready", "1"), ReplaceOrder.StopFirst)).IsDone);
        (await pool.Master.ScaleAsync(3)).EnsureDone();
        (await pool.Master.DrainAsync(1)).EnsureDone();
        PoolStatus status = pool.Status;
        (await pool.Master.SuspendRespawnAsync()).EnsureDone();

        await foreach (PoolEvent happened in events)
        {
            switch (happened.Kind)
            {
                case PoolEventKind.SlotAdded:
                    processes[happened.Slot!.Value] = [];
                    break;
                case PoolEventKind.WorkerSpawned:
                    Assert.True(processes[happened.Slot!.Value].Add(happened.ProcessId));
                    break;
                case PoolEventKind.WorkerExited:
                    Assert.True(processes[happened.Slot!.Value].Remove(happened.ProcessId));
                    break;
            }

            if (happened.Kind == PoolEventKind.RespawnSuspended)
            {
                break;
            }
        }

        Assert.Equal(3, status.Slots.Count);
        Assert.All(status.Slots, slot => Assert.True(processes[slot.Slot].SetEquals(slot.Workers.Select(worker => (int?)worker.ProcessId)), $"Slot {slot.Slot}"));
    }

    [Fact]
    public async Task A_master_can_be_disposed_at_any_moment_and_more_than_once()
    {
        TestPool pool = await TestPool.StartAsync(options => options.WorkerCount = 2);
        IAsyncEnumerable<PoolEvent> unread = pool.Master.ReadEventsAsync();
        int[] processes = [pool.ProcessOf(0), pool.ProcessOf(1)];
        Task<Verdict>[] underWay = [pool.Master.ReplaceAsync(0), pool.Master.ScaleAsync(3), pool.Master.DrainAsync(1)];

        await Task.WhenAll(pool.Master.DisposeAsync().AsTask(), pool.Master.DisposeAsync().AsTask());
        await pool.Master.DisposeAsync();

        Verdict[] verdicts = await Task.WhenAll(underWay);
        Assert.All(verdicts, verdict => Assert.True(verdict.IsDone || verdict.Reason is VerdictReason.Stopping or VerdictReason.Busy, verdict.Message));
        foreach (Verdict late in (Verdict[])[await pool.Master.StopAsync(), await pool.Master.ReplaceAsync(0), await pool.Master.ScaleAsync(1)])
        {
            Assert.Equal((Outcome.Refused, VerdictReason.Stopping), (late.Outcome, late.Reason));
        }

        Assert.True(pool.Master.Stopped.IsCompletedSuccessfully);
        Assert.DoesNotContain(processes, process => Directory.Exists($"/proc/{process}"));
        Assert.Empty(Machine.ListenersOn(pool.Log.AddressOf(TestPool.Endpoint)));
        Assert.Equal(PoolEventKind.CommandEnded, (await unread.LastAsync()).Kind);
        await pool.DisposeAsync();
    }
}
