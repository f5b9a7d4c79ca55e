using WorkerPool.FunctionalTests.Support;
using Xunit;

namespace WorkerPool.FunctionalTests.Pools;

/// <summary>Whole rollouts with real workers under load; every connection is counted.</summary>
[Collection("Pools")]
public class RolloutTests
{
    private static readonly RolloutPlan Plan = new(TestPool.Release("v2", "serve")) { Bake = TimeSpan.FromMilliseconds(100) };

    public static TheoryData<ReplaceOrder?> Orders { get; } = new((ReplaceOrder?)ReplaceOrder.StartFirst, ReplaceOrder.StopFirst, default(ReplaceOrder?));

    [Theory]
    [MemberData(nameof(Orders))]
    public async Task A_release_goes_over_all_slots_and_no_connection_is_lost(ReplaceOrder? order)
    {
        await using TestPool pool = await TestPool.StartAsync();
        await using Load load = Load.Start(pool);
        await load.ForAsync(clients: 50);

        Verdict verdict = (await pool.Master.RollAsync(Plan with { Order = order })).EnsureDone();

        Assert.All(verdict.Slots, slot => Assert.Equal(RolledSlotState.Done, slot.State));
        Assert.All(pool.Status.Slots, slot => Assert.Equal(("v2", SlotState.Ready, 1), (slot.Label, slot.State, slot.Workers.Count)));
        await load.ForAsync(clients: 100);
        await load.EndWithoutLossAsync();
        Assert.True(load.Served["v1"] > 0 && load.Served["v2"] > 0);
    }

    [Fact]
    public async Task Stop_first_keeps_new_connections_away_from_the_slot_that_has_no_worker()
    {
        KernelSteering.Require();
        await using TestPool pool = await TestPool.StartAsync(options => options.WorkerCount = 2);
        Release slow = TestPool.Release("v2", "slow-start", "700");
        Task<Verdict> rolling = pool.Master.RollAsync(Plan with { Release = slow, Slots = [1], Order = ReplaceOrder.StopFirst });
        await pool.WaitForAsync(PoolEventKind.WorkerExited, 1);

        using ClientGroup clients = await ClientGroup.AskAsync(pool, 40);
        Assert.All(await clients.ReceiveAsync(), answer => Assert.Equal(0, answer.Slot));
        Assert.False(rolling.IsCompleted); // or the answers would prove nothing
        (await rolling).EnsureDone();
        using ClientGroup later = await ClientGroup.AskAsync(pool, 40);
        Assert.Contains(await later.ReceiveAsync(), answer => answer is { Slot: 1, Label: "v2" });
    }

    [Theory]
    [InlineData("exit-before-ready", "3", VerdictReason.ExitedBeforeReady)]
    [InlineData("never-ready", "0", VerdictReason.StartDeadlineExceeded)]
    [InlineData("garbage", "0", VerdictReason.ProtocolViolation)]
    [InlineData("crash-after-ready", "50", VerdictReason.ExitedAfterReady)]
    [InlineData("answer-nothing", "0", VerdictReason.ProbeFailed)]
    public async Task A_bad_release_is_taken_back_with_its_reason_and_no_connection_is_lost(string behaviour, string number, VerdictReason reason)
    {
        await using TestPool pool = await TestPool.StartAsync();
        await using Load load = Load.Start(pool);
        RolloutPlan plan = Plan with
        {
            Release = TestPool.Release("bad", behaviour, number),
            StartDeadline = TimeSpan.FromSeconds(reason == VerdictReason.StartDeadlineExceeded ? 2 : 30),
            Bake = TimeSpan.FromSeconds(2),
            Probe = reason == VerdictReason.ProbeFailed
                ? HealthProbe.Tcp(TestPool.Endpoint, "hello\n"u8.ToArray(), "0 "u8.ToArray()) with { Timeout = TimeSpan.FromMilliseconds(300), Attempts = 2 }
                : null,
        };

        Verdict verdict = await pool.Master.RollAsync(plan);

        Assert.Equal((Outcome.RolledBack, reason), (verdict.Outcome, verdict.Reason));
        Assert.All(pool.Status.Slots, slot => Assert.Equal("v1", slot.Label));
        Assert.Equal(RolloutState.RolledBack, pool.Status.Rollout!.State);
        Assert.NotEqual("", pool.Status.Rollout.Message);
        await load.ForAsync(clients: 50);
        if (reason == VerdictReason.ExitedAfterReady)
        {
            Assert.InRange(await load.EndAsync(), 0, 10); // what the crashed worker itself had accepted
        }
        else
        {
            await load.EndWithoutLossAsync();
            Assert.Equal(["v1"], load.Served.Keys);
        }
    }

    [Fact]
    public async Task A_probe_reaches_the_new_worker_alone_and_is_answered_before_it_gets_connections()
    {
        await using TestPool pool = await TestPool.StartAsync(options => options.WorkerCount = 2);
        List<(int, string)> asked = [];
        HealthProbe probe = HealthProbe.Custom(async (context, cancellationToken) =>
        {
            await using Stream stream = await context.ConnectAsync(TestPool.Endpoint, cancellationToken);
            await stream.WriteAsync("probe\n"u8.ToArray(), cancellationToken);
            using StreamReader reader = new(stream);
            asked.Add((context.Slot, await reader.ReadLineAsync(cancellationToken) ?? "nothing"));
        });

        (await pool.Master.RollAsync(Plan with { Probe = probe })).EnsureDone();

        Assert.Equal([0, 1], asked.Select(one => one.Item1));
        Assert.All(asked, one => Assert.Equal($"{one.Item1} 2 {pool.ProcessOf(one.Item1)} v2 probe", one.Item2));
    }

    [Fact]
    public async Task A_canary_gets_exactly_its_share()
    {
        KernelSteering.Require();
        await using TestPool pool = await TestPool.StartAsync();
        (await pool.Master.SetShareAsync("v2", 0.1)).EnsureDone();
        (await pool.Master.RollAsync(Plan with { Count = 1 })).EnsureDone();
        Assert.Equal(0.1, pool.Status.Slots[0].Share, 9);
        Assert.Equal(0.3, pool.Status.Slots[1].Share, 9);

        int canary = 0;
        const int Rounds = 20;
        for (int round = 0; round < Rounds; round++)
        {
            using ClientGroup clients = await ClientGroup.AskAsync(pool, 100);
            canary += (await clients.ReceiveAsync()).Count(answer => answer.Label == "v2");
        }

        // 200 are expected of 2,000; the standard deviation is 13.4, and six of them are one in 10⁹.
        Assert.InRange(canary, 200 - 80, 200 + 80);
    }

    [Fact]
    public async Task An_abort_brings_everything_back()
    {
        await using TestPool pool = await TestPool.StartAsync();
        await using Load load = Load.Start(pool);
        Task<Verdict> rolling = pool.Master.RollAsync(Plan with { Bake = TimeSpan.FromMinutes(1) });
        await pool.WaitForAsync(PoolEventKind.RolloutSlotSwitched, 0);
        Assert.Equal(VerdictReason.Busy, (await pool.Master.ScaleAsync(6)).Reason);
        Assert.Equal(VerdictReason.Busy, (await pool.Master.ReplaceAsync(3)).Reason);

        (await pool.Master.AbortRolloutAsync()).EnsureDone();

        Verdict verdict = await rolling;
        Assert.Equal((Outcome.RolledBack, VerdictReason.Aborted), (verdict.Outcome, verdict.Reason));
        Assert.All(pool.Status.Slots, slot => Assert.Equal("v1", slot.Label));
        await load.EndWithoutLossAsync();
    }

    [Fact]
    public async Task A_paused_rollout_goes_on_where_it_was()
    {
        await using TestPool pool = await TestPool.StartAsync();
        Task<Verdict> rolling = pool.Master.RollAsync(Plan with { Bake = TimeSpan.FromMilliseconds(300) });
        await pool.WaitForAsync(PoolEventKind.RolloutSlotSwitched, 0);
        (await pool.Master.PauseRolloutAsync()).EnsureDone();
        await pool.WaitForAsync(PoolEventKind.RolloutSlotDone, 0);
        Assert.Equal(RolloutState.Paused, pool.Status.Rollout!.State);
        Assert.Equal(4, pool.Status.ProcessCount);
        (await pool.Master.ResumeRolloutAsync()).EnsureDone();
        (await rolling).EnsureDone();
    }

    [Fact]
    public async Task Without_steering_a_rollout_loses_nothing_either()
    {
        await using TestPool pool = await TestPool.StartAsync(options => options.Steering.Enabled = false);
        await using Load load = Load.Start(pool);
        (await pool.Master.RollAsync(Plan with { Order = ReplaceOrder.StopFirst })).EnsureDone();
        await load.EndWithoutLossAsync();
        Assert.Equal(VerdictReason.SteeringOff, (await pool.Master.SetWeightAsync(0, 2)).Reason);
    }
}
