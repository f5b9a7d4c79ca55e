using WorkerPool.FunctionalTests.Support;
using WorkerPool.Processes;
using Xunit;
using static Tmds.Linux.LibC;

namespace WorkerPool.FunctionalTests.Pools;

[Collection("Pools")]
public class BadWorkerTests
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(300);

    public static TheoryData<string, int, ExitStatus, ReplaceOrder> EarlyEnds { get; } = new()
    {
        { "exit-before-ready", 0, new ExitStatus(0, null), ReplaceOrder.StartFirst },
        { "exit-before-ready", 1, new ExitStatus(1, null), ReplaceOrder.StartFirst },
        { "exit-before-ready", 1, new ExitStatus(1, null), ReplaceOrder.StopFirst },
        { "signal-before-ready", SIGSEGV, new ExitStatus(null, SIGSEGV), ReplaceOrder.StartFirst },
        { "signal-before-ready", SIGSEGV, new ExitStatus(null, SIGSEGV), ReplaceOrder.StopFirst },
    };

    [Theory]
    [MemberData(nameof(EarlyEnds))]
    public async Task A_release_that_ends_before_it_is_ready_fails_with_its_end_and_the_slot_serves_the_old_one(
        string behaviour, int number, ExitStatus exit, ReplaceOrder order)
    {
        await using TestPool pool = await TestPool.StartAsync(options => options.WorkerCount = 1);
        int before = pool.ProcessOf(0);

        Verdict verdict = await pool.Master.ReplaceAsync(0, TestPool.Release("v2", behaviour, $"{number}"), order);

        Assert.Equal((Outcome.Failed, VerdictReason.ExitedBeforeReady), (verdict.Outcome, verdict.Reason));
        Assert.Equal((0, exit), (verdict.Slot, verdict.Exit));
        Assert.Contains(exit.ToString(), verdict.Message, StringComparison.Ordinal);
        Assert.Equal(behaviour == "exit-before-ready" ? ["this release is broken"] : [], verdict.LastErrorLines);
        await AssertServesOldReleaseAsync(pool, before, order);
    }

    [Theory]
    [InlineData("never-ready", ReplaceOrder.StartFirst)]
    [InlineData("never-ready", ReplaceOrder.StopFirst)]
    [InlineData("hang-before-hello", ReplaceOrder.StartFirst)]
    public async Task A_release_that_does_not_get_ready_is_killed_at_the_start_deadline(string behaviour, ReplaceOrder order)
    {
        await using TestPool pool = await TestPool.StartAsync(options =>
        {
            options.WorkerCount = 1;
            options.StartDeadline = TimeSpan.FromSeconds(3);
        });
        int before = pool.ProcessOf(0);

        Verdict verdict = await pool.Master.ReplaceAsync(0, TestPool.Release("v2", behaviour), order);

        Assert.Equal((Outcome.Failed, VerdictReason.StartDeadlineExceeded), (verdict.Outcome, verdict.Reason));
        Assert.Equal(new ExitStatus(null, SIGKILL), verdict.Exit);
        Assert.Contains("not ready after 3", verdict.Message, StringComparison.Ordinal);
        await AssertServesOldReleaseAsync(pool, before, order);
    }

    [Fact]
    public async Task A_start_with_a_release_that_fails_in_one_slot_leaves_neither_process_nor_socket()
    {
        string mark = $"mark-{Guid.NewGuid():N}";
        LogBook log = new();
        PoolOptions options = TestPool.Options();
        options.LoggerFactory = log;
        options.Listen(TestPool.Endpoint, "127.0.0.1:0");
        options.Release = TestPool.Script("v1", "[ $WORKERPOOL_SLOT != 3 ] || { echo this release is broken >&2; exit 7; }", "serve", "0", mark);

        CommandException failure = await Assert.ThrowsAsync<CommandException>(() => Master.StartAsync(options));

        Assert.Equal((VerdictReason.ExitedBeforeReady, 3), (failure.Verdict.Reason, failure.Verdict.Slot));
        Assert.Equal(7, failure.Verdict.Exit!.Value.Code);
        Assert.Contains("this release is broken", failure.Message, StringComparison.Ordinal);
        Assert.Empty(Machine.ProcessesWith(mark));
        Assert.Empty(Machine.ListenersOn(log.AddressOf(TestPool.Endpoint)));
    }

    [Fact]
    public async Task An_executable_that_is_gone_is_told_in_the_verdict()
    {
        await using TestPool pool = await TestPool.StartAsync(options => options.WorkerCount = 1);
        string program = Path.GetTempFileName();
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        Release release = Release.Create(program, label: "v2");
        File.Delete(program);
        foreach (ReplaceOrder order in Enum.GetValues<ReplaceOrder>())
        {
            int before = pool.ProcessOf(0);
            Verdict verdict = await pool.Master.ReplaceAsync(0, release, order);
            Assert.Equal((Outcome.Failed, VerdictReason.SpawnFailed), (verdict.Outcome, verdict.Reason));
            Assert.Contains(program, verdict.Message, StringComparison.Ordinal);
            await AssertServesOldReleaseAsync(pool, before, order);
        }
    }

    [Theory]
    [InlineData("hang-in-drain", false)]
    [InlineData("ignore-everything", true)]
    public async Task A_worker_that_does_not_end_is_terminated_then_killed_within_the_deadlines(string behaviour, bool ignoresTermination)
    {
        await using TestPool pool = await TestPool.StartAsync(options =>
        {
            options.WorkerCount = 1;
            options.DrainDeadline = Short;
            options.StopGrace = Short;
            options.KillGrace = ignoresTermination ? Short : TimeSpan.FromSeconds(20);
            options.Release = TestPool.Release("v1", behaviour);
        });
        using ClientGroup live = await ClientGroup.AskAsync(pool, 3);
        await live.ReceiveAsync();
        await pool.WhenReportedAsync(slot: 0, connections: 3);

        Verdict verdict = (await pool.Master.ReplaceAsync(0, TestPool.Release("v2", "serve"))).EnsureDone();

        Assert.Equal(3, verdict.ConnectionsCut);
        int[] expected = ignoresTermination ? [SIGTERM, SIGKILL] : [SIGTERM];
        await pool.WaitForAsync(PoolEventKind.WorkerStopping, 0);
        foreach (int signal in expected)
        {
            PoolEvent signalled = await pool.WaitForAsync(PoolEventKind.WorkerSignalled, 0);
            Assert.StartsWith(SignalNames.NameOf(signal), signalled.Message, StringComparison.Ordinal);
        }

        ExitStatus exit = (await pool.WaitForAsync(PoolEventKind.WorkerExited, 0)).Exit!.Value;
        Assert.Equal(new ExitStatus(null, expected[^1]), exit);
        Assert.InRange(verdict.Duration, Short * (1 + expected.Length), TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Connections_that_a_worker_ends_at_the_drain_deadline_are_counted_as_cut()
    {
        await using TestPool pool = await TestPool.StartAsync(options =>
        {
            options.WorkerCount = 1;
            options.DrainDeadline = Short;
            options.StopGrace = TimeSpan.FromSeconds(20);
        });
        using ClientGroup live = await ClientGroup.AskAsync(pool, 3);
        await live.ReceiveAsync();
        await pool.WhenReportedAsync(slot: 0, connections: 3);
        Verdict verdict = (await pool.Master.DrainAsync(0)).EnsureDone();
        Assert.Equal(3, verdict.ConnectionsCut);
    }

    [Theory]
    [InlineData("garbage", "control protocol")]
    [InlineData("close-control", "closed its control channel and did not exit")]
    [InlineData("future-protocol", "1000")]
    public async Task A_worker_that_breaks_the_protocol_is_killed_and_the_others_serve_on(string behaviour, string message)
    {
        await using TestPool pool = await TestPool.StartAsync(options => options.WorkerCount = 2);
        await using Load load = Load.Start(pool, perSecond: 100);
        int before = pool.ProcessOf(0);

        Verdict verdict = await pool.Master.ReplaceAsync(0, TestPool.Release("v2", behaviour));

        Assert.Equal((Outcome.Failed, VerdictReason.ProtocolViolation), (verdict.Outcome, verdict.Reason));
        Assert.Contains(message, verdict.Message, StringComparison.Ordinal);
        Assert.Equal(SIGKILL, verdict.Exit!.Value.Signal);
        Assert.Equal(before, pool.ProcessOf(0));
        await load.EndWithoutLossAsync();
    }

    [Fact]
    public async Task A_worker_that_floods_the_master_is_killed_and_what_waits_is_served_by_a_good_release()
    {
        await using TestPool pool = await TestPool.StartAsync(options =>
        {
            options.WorkerCount = 2;
            options.Respawn.BreakerThreshold = 2;
        });
        await using Load load = Load.Start(pool, perSecond: 100);

        // It says ready, so it gets the slot before it shows what it is.
        await pool.Master.ReplaceAsync(0, TestPool.Release("v2", "flood"));
        PoolEvent violation = await pool.WaitForAsync(PoolEventKind.ProtocolViolation, 0);
        Assert.Contains("messages in a second", violation.Message, StringComparison.Ordinal);
        await pool.WaitForAsync(PoolEventKind.BreakerOpened, 0);

        (await pool.Master.ReplaceAsync(0, TestPool.Release("v3", "serve"))).EnsureDone();
        await load.ForAsync(clients: 20);
        await load.EndWithoutLossAsync();
        Assert.False(load.Served.ContainsKey("v2"));
    }

    private static async Task AssertServesOldReleaseAsync(TestPool pool, int before, ReplaceOrder order)
    {
        Assert.Equal("v1", (await pool.AskAsync()).Label);
        Assert.Equal(("v1", 1), (pool.Status.Slots[0].Label, pool.Status.ProcessCount));
        Assert.Equal(order == ReplaceOrder.StartFirst, pool.ProcessOf(0) == before);
    }
}
