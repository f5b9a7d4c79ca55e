using WorkerPool.FunctionalTests.Support;
using Xunit;
using static Tmds.Linux.LibC;

namespace WorkerPool.FunctionalTests.Hosts;

/// <summary>Whatever the master does when it is told to end: it exits with 0, and leaves no worker.</summary>
[Collection("Pools")]
public class MasterSignalTests
{
    private static readonly MasterProcess.Setup Serving = new("serve");

    [Fact]
    public async Task A_master_that_is_told_to_end_before_its_workers_are_ready_ends_them_and_exits_with_zero()
    {
        await using MasterProcess master = MasterProcess.Start(new("slow-start", "600000"));
        WatchedProcess[] workers = WatchedProcess.Watch([await StartingAsync(master), await StartingAsync(master)]);
        master.Signal(SIGTERM);
        Assert.Equal(0, await master.ExitAsync());
        await AssertGoneAsync(workers);
    }

    [Theory]
    [InlineData(nameof(SIGTERM))]
    [InlineData(nameof(SIGQUIT))]
    public async Task A_master_that_is_told_to_end_serves_what_it_has_and_exits_with_zero(string signal)
    {
        await using MasterProcess master = await MasterProcess.UpAsync(Serving);
        WatchedProcess[] workers = WatchedProcess.Watch(master.Workers);
        using Client client = await master.ConnectAsync();
        Answer before = await client.AskAsync();

        master.Signal(signal == nameof(SIGQUIT) ? SIGQUIT : SIGTERM);
        await master.SaysAsync($"WorkerDraining {before.Slot}");
        Assert.Equal(before.Process, (await client.AskAsync("during the drain")).Process);
        client.EndSending();
        Assert.True(await client.IsEndedAsync());

        Assert.Equal(0, await master.ExitAsync());
        foreach (int worker in master.Workers)
        {
            Assert.EndsWith("exit code 0.", await master.SaysAsync($"WorkerExited {master.Workers.IndexOf(worker)}"), StringComparison.Ordinal);
        }

        await AssertGoneAsync(workers);
    }

    [Fact]
    public async Task A_master_that_is_told_to_end_while_a_successor_starts_ends_both_workers_of_the_slot()
    {
        await using MasterProcess master = await MasterProcess.UpAsync(new("slow-start", "2000") { WorkerCount = 1 });
        int first = await StartingAsync(master);
        Assert.Equal([first], master.Workers);
        using Client client = await master.ConnectAsync();
        await client.AskAsync();

        master.Signal(SIGHUP);
        WatchedProcess[] workers = WatchedProcess.Watch([first, await StartingAsync(master)]);
        master.Signal(SIGTERM);
        Assert.Contains("stopped before", await master.SaysAsync("replaced: "), StringComparison.Ordinal);
        Assert.Equal(first, (await client.AskAsync("while both end")).Process);
        client.Dispose();

        Assert.Equal(0, await master.ExitAsync());
        await AssertGoneAsync(workers);
    }

    [Fact]
    public async Task A_master_that_is_told_to_end_while_a_replaced_worker_drains_waits_for_its_connections()
    {
        await using MasterProcess master = await MasterProcess.UpAsync(Serving with { WorkerCount = 1 });
        using Client client = await master.ConnectAsync();
        Answer before = await client.AskAsync();
        master.Signal(SIGHUP);
        string ready = await master.SaysAsync("WorkerReady 0 ");
        WatchedProcess[] workers = WatchedProcess.Watch([before.Process, int.Parse(ready.Split(' ')[2])]);
        await master.SaysAsync($"WorkerDraining 0 {before.Process} ");

        master.Signal(SIGTERM);
        Assert.EndsWith("exit code 0.", await master.SaysAsync($"WorkerExited 0 {workers[1].Id} "), StringComparison.Ordinal);
        Assert.Equal(before.Process, (await client.AskAsync("still there")).Process);
        client.Dispose();

        Assert.Equal(0, await master.ExitAsync());
        Assert.EndsWith("exit code 0.", await master.SaysAsync($"WorkerExited 0 {before.Process} "), StringComparison.Ordinal);
        await AssertGoneAsync(workers);
    }

    [Fact]
    public async Task A_second_signal_cuts_what_the_first_one_waits_for()
    {
        await using MasterProcess master = await MasterProcess.UpAsync(Serving);
        WatchedProcess[] workers = WatchedProcess.Watch(master.Workers);
        using Client client = await master.ConnectAsync();
        Answer before = await client.AskAsync();
        master.Signal(SIGTERM);
        await master.SaysAsync($"WorkerDraining {before.Slot}");
        Assert.Equal(before.Process, (await client.AskAsync("not cut yet")).Process);

        master.Signal(SIGTERM);
        Assert.True(await client.IsEndedAsync());
        Assert.Equal(0, await master.ExitAsync());
        await AssertGoneAsync(workers);
    }

    [Fact]
    public async Task Control_C_in_a_terminal_reaches_the_master_alone()
    {
        await using MasterProcess master = await MasterProcess.UpAsync(Serving);
        Assert.Equal(master.Id, ProcessTable.Find(master.Id)!.Group);
        Assert.All(master.Workers, worker => Assert.Equal(worker, ProcessTable.Find(worker)!.Group));
        using Client client = await master.ConnectAsync();
        Answer before = await client.AskAsync();

        WatchedProcess[] workers = WatchedProcess.Watch(master.Workers);
        MasterProcess.Signal(-master.Id, SIGINT);
        Assert.True(await client.IsEndedAsync(), $"Worker {before.Process} goes on.");
        Assert.Equal(0, await master.ExitAsync());
        Assert.DoesNotContain("SIGINT", await master.SaysAsync($"WorkerExited {before.Slot}"), StringComparison.Ordinal);
        await AssertGoneAsync(workers);
    }

    private static async Task<int> StartingAsync(MasterProcess master) => int.Parse((await master.SaysAsync("starting ")).Split(' ')[1]);

    // The master has collected them before it ended, so this is about what is left, not about when.
    private static async Task AssertGoneAsync(WatchedProcess[] workers)
    {
        foreach (WatchedProcess worker in workers)
        {
            Assert.Null(ProcessTable.Find(worker.Id));
            await worker.ExitAsync();
            worker.Dispose();
        }
    }
}
