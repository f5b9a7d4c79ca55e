using WorkerPool.FunctionalTests.Support;
using Xunit;
using static Tmds.Linux.LibC;

namespace WorkerPool.FunctionalTests.Pools;

/// <summary>Workers that live and do nothing.</summary>
[Collection("Pools")]
public class LivenessTests
{
    // Long enough that a busy machine makes no healthy worker silent for so long.
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(5);

    private readonly string _name = Guid.NewGuid().ToString("N");

    [Fact]
    public async Task A_worker_whose_thread_pool_is_exhausted_is_killed_and_only_what_it_had_accepted_is_lost()
    {
        await using TestPool pool = await StartAsync("exhaust-pool");
        await AssertIsReplacedUnderLoadAsync(pool, process => Signal(process, SIGUSR2), inMessage: "has not been heard for");
    }

    [Fact]
    public async Task A_worker_in_endless_loops_is_killed_and_only_what_it_had_accepted_is_lost()
    {
        await using TestPool pool = await StartAsync("spin");
        await AssertIsReplacedUnderLoadAsync(pool, process => Signal(process, SIGUSR2), inMessage: "has not been heard for");
    }

    [Fact]
    public async Task A_worker_that_is_stopped_is_killed_and_only_what_it_had_accepted_is_lost()
    {
        await using TestPool pool = await StartAsync("serve");
        await AssertIsReplacedUnderLoadAsync(pool, process => Machine.FreezeAsync(process).Wait(), inMessage: "in state T (stopped)");
    }

    [Fact]
    public async Task With_a_grace_a_worker_is_aborted_so_that_there_can_be_a_dump()
    {
        await using TestPool pool = await StartAsync("exhaust-pool", options =>
        {
            options.WorkerCount = 1;
            options.Liveness.AbortGrace = TimeSpan.FromSeconds(6);
        });
        Signal(pool.ProcessOf(0), SIGUSR2);
        PoolEvent exited = await pool.WaitForAsync(PoolEventKind.WorkerExited, 0);
        Assert.Equal(new ExitStatus(null, SIGABRT), exited.Exit);
        await pool.WaitForAsync(poolEvent => poolEvent is { Kind: PoolEventKind.WorkerReady, Generation: 2 }, "the next worker is ready");
    }

    [Fact]
    public async Task A_worker_that_cannot_be_aborted_is_killed_after_the_grace()
    {
        await using TestPool pool = await StartAsync("serve", options =>
        {
            options.WorkerCount = 1;
            options.Liveness.AbortGrace = TimeSpan.FromMilliseconds(100);
        });
        await Machine.FreezeAsync(pool.ProcessOf(0)); // SIGABRT waits until it goes on
        Assert.Equal(new ExitStatus(null, SIGKILL), (await pool.WaitForAsync(PoolEventKind.WorkerExited, 0)).Exit);
        foreach (string signal in (string[])["SIGABRT", "SIGABRT", "SIGKILL"])
        {
            Assert.StartsWith(signal, (await pool.WaitForAsync(PoolEventKind.WorkerSignalled, 0)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_worker_that_goes_on_in_time_is_not_killed_and_gets_connections_again()
    {
        await using TestPool pool = await StartAsync("serve");
        int worker = pool.ProcessOf(1);
        await Machine.FreezeAsync(worker);
        await pool.WaitForAsync(PoolEventKind.WorkerUnresponsive, 1);
        Assert.Equal((SlotState.Unresponsive, 0d), (pool.Status.Slots[1].State, pool.Status.Slots[1].Share));
        for (int clients = 0; clients < 10; clients++)
        {
            Assert.Equal(0, (await pool.AskAsync()).Slot);
        }

        Machine.Thaw(worker);
        await pool.WaitForAsync(PoolEventKind.WorkerRecovered, 1);
        Assert.Equal((SlotState.Ready, 0.5, worker), (pool.Status.Slots[1].State, pool.Status.Slots[1].Share, pool.ProcessOf(1)));
    }

    [Fact]
    public async Task A_worker_that_sends_no_heartbeats_is_not_held_to_any()
    {
        await using TestPool pool = await StartAsync("serve", options => options.Liveness.Deadline = TimeSpan.FromSeconds(1));
        (await pool.Master.ReplaceAsync(0, TestPool.Release("old", "no-heartbeats"))).EnsureDone();
        int silent = pool.ProcessOf(0);

        // Meanwhile one that had sent a heartbeat is killed.
        (await pool.Master.ReplaceAsync(1, TestPool.Release("hung", "one-heartbeat"))).EnsureDone();
        await pool.WaitForAsync(poolEvent => poolEvent is { Kind: PoolEventKind.WorkerExited, Slot: 1, Label: "hung" }, "the one with a heartbeat is killed");
        Assert.Equal((silent, null), (pool.ProcessOf(0), pool.Status.Slots[0].Workers[0].LastHeard));
    }

    [Fact]
    public async Task A_worker_that_is_debugged_is_left_alone()
    {
        await using TestPool pool = await StartAsync("serve", options => options.Liveness.Deadline = TimeSpan.FromSeconds(1));
        (await pool.Master.ReplaceAsync(0, TestPool.Release("v2", "debugged"))).EnsureDone();
        int debugged = pool.ProcessOf(0);
        await pool.WaitForAsync(PoolEventKind.WorkerUnresponsive, 0);
        (await pool.Master.ReplaceAsync(1, TestPool.Release("hung", "one-heartbeat"))).EnsureDone();
        await pool.WaitForAsync(poolEvent => poolEvent is { Kind: PoolEventKind.WorkerExited, Slot: 1, Label: "hung" }, "the one without debugger is killed");
        Assert.Equal(debugged, pool.ProcessOf(0));
    }

    [Fact]
    public async Task A_worker_that_is_traced_is_left_alone_while_that_is_so()
    {
        await using TestPool pool = await StartAsync("serve", options => options.WorkerCount = 1);
        int worker = pool.ProcessOf(0);
        await Machine.FreezeAsync(worker);
        using (Tracer tracer = Tracer.Attach(worker))
        {
            PoolEvent warning = await pool.WaitForAsync(PoolEventKind.Warning, 0);
            Assert.Contains($"traced by {tracer.ThreadId}:", warning.Message, StringComparison.Ordinal);
            Assert.Equal(worker, pool.ProcessOf(0));
        }

        Assert.Equal(worker, (await pool.WaitForAsync(PoolEventKind.WorkerExited, 0)).ProcessId);
    }

    [Fact]
    public async Task A_release_that_hangs_in_the_bake_is_rolled_back_with_the_reason()
    {
        await using TestPool pool = await StartAsync("serve");
        await using Load load = Load.Start(pool, perSecond: 100);
        Task<Verdict> rolling = pool.Master.RollAsync(new RolloutPlan(TestPool.Release("v2", "exhaust-pool-after", "500")) { Bake = 3 * Deadline });
        PoolEvent silent = await pool.WaitForAsync(PoolEventKind.WorkerUnresponsive, 0);
        int accepted = Machine.ConnectionsOf(silent.ProcessId!.Value, pool.EndPoint);
        Verdict verdict = await rolling;
        int lost = await load.EndAsync();

        Assert.Equal((Outcome.RolledBack, VerdictReason.HeartbeatMissed, SIGKILL), (verdict.Outcome, verdict.Reason, verdict.Exit!.Value.Signal));
        Assert.Contains("hangs: it has not been heard for", verdict.Message, StringComparison.Ordinal);
        Assert.All(pool.Status.Slots, slot => Assert.Equal("v1", slot.Label));
        Assert.Equal("v1", (await pool.AskAsync()).Label);
        Assert.InRange(lost, 0, accepted);
    }

    private async Task AssertIsReplacedUnderLoadAsync(TestPool pool, Action<int> hang, string inMessage)
    {
        using MetricsBook metrics = new(_name);
        int hung = pool.ProcessOf(0);
        int other = pool.ProcessOf(1);
        await using Load load = Load.Start(pool, perSecond: 100);
        await load.ForAsync(clients: 50);
        hang(hung);
        await pool.WaitForAsync(PoolEventKind.WorkerUnresponsive, 0);
        int accepted = Machine.ConnectionsOf(hung, pool.EndPoint);

        PoolEvent signalled = await pool.WaitForAsync(PoolEventKind.WorkerSignalled, 0);
        Assert.StartsWith("SIGKILL", signalled.Message, StringComparison.Ordinal);
        Assert.Contains(inMessage, signalled.Message, StringComparison.Ordinal);
        await pool.WaitForAsync(poolEvent => poolEvent is { Kind: PoolEventKind.WorkerReady, Slot: 0, Generation: 2 }, "the next worker is ready");
        await load.ForAsync(clients: 50);

        int lost = await load.EndAsync();
        Assert.Equal(load.Count, lost + load.Served.Values.Sum());
        Assert.InRange(lost, 0, accepted);
        Assert.Equal(other, pool.ProcessOf(1));
        Assert.Equal(1, metrics.Counted("worker.exits", "slot=0", "exit.status=SIGKILL", "exit.asked=False", "error.type=heartbeat_missed"));
        Assert.Equal(1, metrics.Counted("worker.exits"));
    }

    private Task<TestPool> StartAsync(string behaviour, Action<PoolOptions>? change = null) => TestPool.StartAsync(options =>
    {
        options.Name = _name;
        options.WorkerCount = 2;
        options.Release = TestPool.Release("v1", behaviour);
        options.Liveness.Deadline = Deadline;
        change?.Invoke(options);
    });

    private static void Signal(int process, int signal) => MasterProcess.Signal(process, signal);
}
