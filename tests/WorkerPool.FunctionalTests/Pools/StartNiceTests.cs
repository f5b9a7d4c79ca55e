using WorkerPool.FunctionalTests.Support;
using WorkerPool.Processes;
using Xunit;
using static Tmds.Linux.LibC;

namespace WorkerPool.FunctionalTests.Pools;

[Collection("Pools")]
public class StartNiceTests
{
    // A worker in .NET has these many long before it is ready: it is seen while it is busy making threads.
    private const int SomeThreads = 5;

    private static readonly int Normal = Assert.Single(Threads.NiceOf(Environment.ProcessId).Distinct());

    // The shell may be quicker than the master.
    private static readonly string WhenLow = $"while [ $(nice) = {Normal} ]; do :; done; ";

    [Fact]
    public async Task All_threads_are_low_while_a_worker_starts()
    {
        SkipIfNotPermitted();
        await using TestPool pool = await StartAsync(7);
        Task<Verdict> replacement = pool.Master.ReplaceAsync(0, TestPool.Release("v2", "never-ready"));
        int starting = (await pool.WaitForAsync(started => started is { Kind: PoolEventKind.WorkerSpawned, Generation: 2 }, "the new worker starts")).ProcessId!.Value;
        await Machine.UntilAsync(() => Threads.NiceOf(starting).Length > SomeThreads, "the worker has made threads");
        Assert.All(Threads.NiceOf(starting), nice => Assert.Equal(Normal + 7, nice));
        await pool.Master.StopAsync(StopMode.Immediate);
        await replacement;
    }

    [Fact]
    public async Task All_threads_are_as_they_were_when_it_is_ready()
    {
        SkipIfNotPermitted();
        await using TestPool pool = await StartAsync(19);
        await Machine.UntilAsync(() => Threads.NiceOf(pool.ProcessOf(0)).All(nice => nice == Normal), "every thread is restored");
        Assert.True(Threads.NiceOf(pool.ProcessOf(0)).Length > SomeThreads);
        (await pool.Master.ReplaceAsync(0)).EnsureDone();
        await Machine.UntilAsync(() => Threads.NiceOf(pool.ProcessOf(0)).All(nice => nice == Normal), "every thread of the successor is restored");
        Assert.DoesNotContain(pool.Log.Lines, line => line.Contains("priority", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_worker_that_does_not_get_ready_is_not_low_for_ever()
    {
        SkipIfNotPermitted();
        await using TestPool pool = await StartAsync(7);
        Task<Verdict> replacement = pool.Master.ReplaceAsync(0, TestPool.Release("v2", "never-ready"));
        int starting = (await pool.WaitForAsync(started => started is { Kind: PoolEventKind.WorkerSpawned, Generation: 2 }, "the new worker starts")).ProcessId!.Value;
        await Machine.UntilAsync(() => Threads.NiceOf(starting) is { Length: > SomeThreads } threads && threads.All(nice => nice == Normal + 7), "it is low");
        await Machine.UntilAsync(() => Threads.NiceOf(starting).All(nice => nice == Normal), "every thread is restored");
        Assert.False(replacement.IsCompleted);
        await pool.Master.StopAsync(StopMode.Immediate);
        await replacement;
    }

    [Fact]
    public async Task What_a_worker_started_meanwhile_is_left_as_it_is()
    {
        SkipIfNotPermitted();
        await using TestPool pool = await StartAsync(5, TestPool.Script("v1", WhenLow + "sleep 1000 & nice -n 3 sleep 1000 &", "serve"));
        int worker = pool.ProcessOf(0);
        ProcessTable.Entry[] children = [.. ProcessTable.ChildrenOf(worker)];
        try
        {
            await Machine.UntilAsync(() => Threads.NiceOf(worker).All(nice => nice == Normal), "every thread is restored");
            Assert.Equal([Normal + 5, Normal + 8], children.SelectMany(child => Threads.NiceOf(child.Id)).Order());
        }
        finally
        {
            Array.ForEach(children, child => Machine.Kill(child.Id));
        }
    }

    [Fact]
    public async Task A_thread_that_changed_its_nice_value_itself_keeps_it()
    {
        SkipIfNotPermitted();
        await using TestPool pool = await StartAsync(5, TestPool.Script("v1", WhenLow + "renice -n 2 -p $$ >/dev/null", "serve"));
        Assert.All(Threads.NiceOf(pool.ProcessOf(0)), nice => Assert.Equal(2, nice));
    }

    [Fact]
    public async Task Zero_leaves_the_priority_alone()
    {
        string seen = Path.GetTempFileName();
        await using TestPool pool = await StartAsync(0, TestPool.Script("v1", $"nice >'{seen}'", "serve"));
        Assert.Equal($"{Normal}\n", File.ReadAllText(seen));
        File.Delete(seen);
    }

    [Theory]
    [InlineData("setpriv", "--bounding-set", "-sys_nice")]
    [InlineData("unshare", "--user", "--map-root-user")]
    public async Task A_master_that_may_not_raise_a_priority_lowers_none_and_says_so_once(params string[] wrapper)
    {
        SkipIfNotPermitted();
        await using MasterProcess master = await MasterProcess.UpAsync(new MasterProcess.Setup("serve") { WorkerCount = 3 }, wrapper);
        Assert.All(master.Workers, worker => Assert.All(Threads.NiceOf(worker), nice => Assert.Equal(Normal, nice)));
        master.Signal(SIGUSR1);
        await master.SaysAsync("replaced");
        string warning = Assert.Single(master.Said, line => line.StartsWith("log Warning Workers start", StringComparison.Ordinal));
        Assert.Contains("CAP_SYS_NICE", warning, StringComparison.Ordinal);
    }

    private static Task<TestPool> StartAsync(int nice, Release? release = null) => TestPool.StartAsync(options =>
    {
        options.WorkerCount = 1;
        options.StartNice = nice;
        options.Release = release ?? options.Release;
    });

    private static void SkipIfNotPermitted() =>
        Assert.SkipWhen(StartPriority.Hindrance() is not null, "this process may not raise priorities");
}
