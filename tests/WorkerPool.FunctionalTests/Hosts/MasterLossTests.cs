using System.Diagnostics;
using WorkerPool.FunctionalTests.Support;
using Xunit;
using static Tmds.Linux.LibC;

namespace WorkerPool.FunctionalTests.Hosts;

/// <summary>The master is killed, and its workers go on alone.</summary>
[Collection("Pools")]
public sealed class MasterLossTests : IDisposable
{
    private static readonly MasterProcess.Setup Serving = new("serve");

    public MasterLossTests() => WatchedProcess.AdoptOrphans(true);

    public void Dispose() => WatchedProcess.AdoptOrphans(false);

    [Fact]
    public async Task Workers_that_lost_their_master_finish_their_connections_and_exit_with_zero()
    {
        await using MasterProcess master = await MasterProcess.UpAsync(Serving);
        WatchedProcess[] workers = WatchedProcess.Watch(master.Workers);
        using Client client = await master.ConnectAsync();
        Answer before = await client.AskAsync();
        WatchedProcess busy = workers.Single(worker => worker.Id == before.Process);

        await KillAsync(master);
        foreach (WatchedProcess idle in workers.Where(worker => worker != busy))
        {
            Assert.Equal(0, (await idle.ExitAsync()).Code);
            idle.Dispose();
        }

        Assert.Equal(before.Process, (await client.AskAsync("alone")).Process);
        Assert.False(busy.IsGone);
        client.EndSending();
        Assert.True(await client.IsEndedAsync());
        Assert.Equal(0, (await busy.ExitAsync()).Code);
        busy.Dispose();
    }

    [Fact]
    public async Task Workers_that_lost_their_master_keep_the_drain_deadline()
    {
        await using MasterProcess master = await MasterProcess.UpAsync(Serving with { WorkerCount = 1, DrainSeconds = 2 });
        using WatchedProcess worker = WatchedProcess.Watch(master.Workers)[0];
        using Client client = await master.ConnectAsync();
        await client.AskAsync();

        Stopwatch time = Stopwatch.StartNew();
        await KillAsync(master);
        await client.AskAsync("before the deadline");
        Assert.True(await client.IsEndedAsync());
        Assert.Equal(0, (await worker.ExitAsync()).Code);
        Assert.InRange(time.Elapsed.TotalSeconds, 1.9, 15);
    }

    [Fact]
    public async Task Workers_that_shall_serve_without_their_master_do_so_until_they_are_told_to_end()
    {
        await using MasterProcess master = await MasterProcess.UpAsync(Serving with { OnLoss = "serve" });
        WatchedProcess[] workers = WatchedProcess.Watch(master.Workers);
        using Client held = await master.ConnectAsync();
        int busy = (await held.AskAsync()).Process;

        await KillAsync(master);
        HashSet<int> answered = [];
        for (int i = 0; i < 200 || answered.Count < workers.Length; i++)
        {
            using Client client = await master.ConnectAsync();
            answered.Add((await client.AskAsync()).Process);
        }

        foreach (WatchedProcess worker in workers)
        {
            worker.Signal(SIGTERM);
        }

        foreach (WatchedProcess worker in workers.Where(worker => worker.Id != busy))
        {
            Assert.Equal(0, (await worker.ExitAsync()).Code);
        }

        Assert.Equal(busy, (await held.AskAsync("it drains")).Process);
        held.Dispose();
        foreach (WatchedProcess worker in workers)
        {
            Assert.Equal(0, (await worker.ExitAsync()).Code);
            worker.Dispose();
        }
    }

    [Fact]
    public async Task A_worker_that_lost_its_master_and_is_told_to_end_keeps_the_drain_deadline()
    {
        await using MasterProcess master = await MasterProcess.UpAsync(Serving with { WorkerCount = 1, DrainSeconds = 2, OnLoss = "serve" });
        using WatchedProcess worker = WatchedProcess.Watch(master.Workers)[0];
        using Client client = await master.ConnectAsync();
        await client.AskAsync();

        await KillAsync(master);
        worker.Signal(SIGTERM);
        await client.AskAsync("before the deadline");
        Assert.True(await client.IsEndedAsync());
        Assert.Equal(0, (await worker.ExitAsync()).Code);
    }

    private static async Task KillAsync(MasterProcess master)
    {
        master.Signal(SIGKILL);
        Assert.Equal(128 + SIGKILL, await master.ExitAsync());
    }
}
