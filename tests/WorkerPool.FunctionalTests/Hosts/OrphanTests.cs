using System.Globalization;
using WorkerPool.FunctionalTests.Privileges;
using WorkerPool.FunctionalTests.Support;
using Xunit;
using static Tmds.Linux.LibC;

namespace WorkerPool.FunctionalTests.Hosts;

/// <summary>A master to which orphans come: as process 1 of a PID namespace, as in a container; and as a subreaper.</summary>
[Collection("Pools")]
public sealed class OrphanTests
{
    private const int OrphansOfWorker = 20;

    private static readonly string[] AsProcess1 = ["unshare", "--pid", "--fork", "--mount-proc"];
    private static readonly string[] AsSubreaper = ["env", "TEST_POOL=ReapOrphans"];

    private static readonly MasterProcess.Setup Leaving = new("leave-orphans", OrphansOfWorker.ToString(CultureInfo.InvariantCulture));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_workers_leave_behind_is_collected_and_exits_of_workers_stay_right(bool asProcess1)
    {
        await using MasterProcess started = await UpAsync(asProcess1, Leaving);
        int master = MasterOf(started, asProcess1);
        int[] workers = await WhenOnlyWorkersAreLeftAsync(master);

        // By signal, by exit code, and again with orphans of the successors.
        MasterProcess.Signal(workers[0], SIGKILL);
        Assert.EndsWith("The worker ended: SIGKILL.", await started.SaysAsync("WorkerExited 0"), StringComparison.Ordinal);
        await started.SaysAsync("WorkerReady 0");
        MasterProcess.Signal(master, SIGHUP);
        await started.SaysAsync("replaced: ");
        Assert.EndsWith("The worker ended: exit code 0.", await started.SaysAsync("WorkerExited 0"), StringComparison.Ordinal);
        await WhenOnlyWorkersAreLeftAsync(master);

        MasterProcess.Signal(master, SIGTERM);
        Assert.Equal(0, await started.ExitAsync());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Processes_that_the_host_starts_are_its_own(bool asProcess1)
    {
        await using MasterProcess started = await UpAsync(asProcess1, Leaving);
        int master = MasterOf(started, asProcess1);
        for (int i = 0; i < 20; i++)
        {
            MasterProcess.Signal(master, SIGUSR2);
            Assert.Equal("host process: 7", await started.SaysAsync("host process: "));
        }

        int[] workers = await WhenOnlyWorkersAreLeftAsync(master);
        MasterProcess.Signal(workers[1], SIGKILL);
        string expected = asProcess1 && !Processes.ExitTests.KernelRemembers ? "unknown" : "SIGKILL."; // the runtime has collected it
        Assert.Contains(expected, await started.SaysAsync("WorkerExited 1"), StringComparison.Ordinal);
        await started.SaysAsync("WorkerReady 1");
        MasterProcess.Signal(master, SIGTERM);
        Assert.Equal(0, await started.ExitAsync());
    }

    [Fact]
    public async Task Process_1_obeys_its_signals()
    {
        Root.Require();
        await using MasterProcess started = await MasterProcess.UpAsync(new MasterProcess.Setup("serve") { Role = "signal-master" }, AsProcess1);
        int master = MasterOf(started, asProcess1: true);
        MasterProcess.Signal(master, SIGHUP);
        await started.SaysAsync("RolloutEnded");
        MasterProcess.Signal(master, SIGTTIN);
        await started.SaysAsync("CommandEnded   The pool has 3");
        MasterProcess.Signal(master, SIGUSR1);
        await started.SaysAsync("reopening 2");
        MasterProcess.Signal(master, SIGTERM);
        Assert.Equal(0, await started.ExitAsync());
    }

    private static async Task<MasterProcess> UpAsync(bool asProcess1, MasterProcess.Setup setup)
    {
        if (asProcess1)
        {
            Root.Require();
        }

        return await MasterProcess.UpAsync(setup, asProcess1 ? AsProcess1 : AsSubreaper);
    }

    /// <summary>As it is called here, outside of its namespace.</summary>
    private static int MasterOf(MasterProcess started, bool asProcess1) =>
        asProcess1 ? ProcessTable.ChildrenOf(started.Id).Single().Id : started.Id;

    /// <summary>Waits until all orphans have ended and are collected; the processes of the workers, by slot.</summary>
    private static async Task<int[]> WhenOnlyWorkersAreLeftAsync(int master)
    {
        ProcessTable.Entry[] left = [];
        await Machine.UntilAsync(
            () =>
            {
                left = [.. ProcessTable.ChildrenOf(master)];
                return left.Length == 2 && left.All(child => child.State != 'Z' && NameOf(child.Id).StartsWith("WorkerPool", StringComparison.Ordinal));
            },
            "only the two workers are left");
        return [.. left.Select(worker => worker.Id).OrderBy(SlotOf)];
    }

    private static string NameOf(int process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/comm");
        }
        catch (IOException)
        {
            return ""; // it has ended
        }
    }

    private static int SlotOf(int worker) => int.Parse(
        File.ReadAllText($"/proc/{worker}/environ").Split('\0').Single(variable => variable.StartsWith("WORKERPOOL_SLOT=", StringComparison.Ordinal)).Split('=')[1],
        CultureInfo.InvariantCulture);
}
