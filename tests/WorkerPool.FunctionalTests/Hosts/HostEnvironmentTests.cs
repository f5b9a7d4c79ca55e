using WorkerPool.FunctionalTests.Support;
using Xunit;
using static Tmds.Linux.LibC;

namespace WorkerPool.FunctionalTests.Hosts;

/// <summary>What a host may have done to the master's process before it began must not matter.</summary>
[Collection("Pools")]
public class HostEnvironmentTests
{
    private static readonly MasterProcess.Setup Serving = new("serve");

    [Fact]
    public async Task A_master_that_is_process_one_of_its_namespace_sees_how_its_workers_end()
    {
        await using MasterProcess master = await MasterProcess.UpAsync(
            Serving, "unshare", "--fork", "--pid", "--mount-proc", "--kill-child");
        int processOne = ProcessTable.ChildrenOf(master.Id).Single().Id;
        await LiveAndEndAsync(master, processOne);
    }

    [Fact]
    public async Task A_master_that_was_started_with_SIGCHLD_ignored_sees_how_its_workers_end()
    {
        await using MasterProcess master = await MasterProcess.UpAsync(Serving, Ignoring("CHLD"));
        await LiveAndEndAsync(master, master.Id);
    }

    [Fact]
    public async Task A_master_that_was_started_with_SIGHUP_ignored_goes_on_when_it_gets_one()
    {
        await using MasterProcess master = await MasterProcess.UpAsync(Serving, "nohup");
        master.Signal(SIGHUP);
        await LiveAndEndAsync(master, master.Id);
    }

    [Fact]
    public async Task A_master_that_was_started_with_nearly_all_signals_ignored_gives_its_workers_none_of_it()
    {
        await using MasterProcess master = await MasterProcess.UpAsync(Serving, Ignoring("HUP INT QUIT PIPE ALRM USR2 CHLD TSTP TTIN TTOU WINCH"));
        await LiveAndEndAsync(master, master.Id, hostProcesses: false);
    }

    private static string[] Ignoring(string signals) => ["sh", "-c", $"trap '' {signals}; exec \"$@\"", "sh"];

    /// <summary>A kill, a respawn, a replacement, a graceful end, with processes of the host's own in between.</summary>
    private static async Task LiveAndEndAsync(MasterProcess master, int masterId, bool hostProcesses = true)
    {
        await HostProcessAsync(master, masterId, hostProcesses);
        using Client client = await master.ConnectAsync();
        await client.AskAsync();
        client.Dispose();

        foreach (ProcessTable.Entry worker in ProcessTable.ChildrenOf(masterId).ToArray())
        {
            MasterProcess.Signal(worker.Id, SIGKILL);
            Assert.EndsWith("SIGKILL.", await master.SaysAsync("WorkerExited "), StringComparison.Ordinal);
            await master.SaysAsync("WorkerReady ");
            await HostProcessAsync(master, masterId, hostProcesses);
        }

        MasterProcess.Signal(masterId, SIGUSR1);
        Assert.EndsWith("exit code 0.", await master.SaysAsync("replaced: "), StringComparison.Ordinal);
        await master.SaysAsync("WorkerExited 0 ");
        using Client next = await master.ConnectAsync();
        await next.AskAsync();
        next.Dispose();
        Assert.Empty(ProcessTable.ZombiesOf(masterId));

        WatchedProcess[] workers = WatchedProcess.Watch(ProcessTable.ChildrenOf(masterId).Select(entry => entry.Id));
        Assert.Equal(2, workers.Length);
        MasterProcess.Signal(masterId, SIGTERM);
        for (int i = 0; i < workers.Length; i++)
        {
            Assert.EndsWith("exit code 0.", await master.SaysAsync("WorkerExited "), StringComparison.Ordinal);
        }

        Assert.Equal(0, await master.ExitAsync());
        foreach (WatchedProcess worker in workers)
        {
            await worker.ExitAsync();
            worker.Dispose();
        }
    }

    private static async Task HostProcessAsync(MasterProcess master, int masterId, bool wanted)
    {
        if (wanted)
        {
            MasterProcess.Signal(masterId, SIGUSR2);
            Assert.Equal("host process: 7", await master.SaysAsync("host process: "));
        }
    }
}
