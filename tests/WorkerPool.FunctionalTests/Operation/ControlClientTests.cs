using WorkerPool.FunctionalTests.Support;
using Xunit;

namespace WorkerPool.FunctionalTests.Operation;

/// <summary>What a program in another process does with a master.</summary>
[Collection("Pools")]
public sealed class ControlClientTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_verb_does_what_the_masters_own_does()
    {
        await using OperatedPool operated = await OperatedPool.StartAsync();
        Master master = operated.Pool.Master;
        ControlClient client = await operated.ClientAsync();
        Assert.Equal(Environment.ProcessId, client.ProcessId);

        PoolStatus status = await client.GetStatusAsync(Cancellation);
        Assert.Equal(master.Status.Slots[1].Workers, status.Slots[1].Workers);
        Assert.Equal(2, status.ReadyCount);
        PoolMeasurement measured = await client.MeasureAsync(Cancellation);
        Assert.All(measured.Workers, worker => Assert.True(worker.PssBytes > 0 && worker.CpuTime > TimeSpan.Zero));
        Assert.Equal([0, 1], measured.Queues.Select(queue => queue.Slot));

        Assert.True((await client.DrainAsync(1, TimeSpan.FromSeconds(5), Cancellation)).IsDone);
        Assert.Equal(SlotState.Empty, master.Status.Slots[1].State);
        Assert.Equal(VerdictReason.SlotEmpty, (await client.DrainAsync(1, cancellationToken: Cancellation)).Reason);
        Assert.True((await client.StartAsync(1, OperatedPool.Release("v2", "serve"), Cancellation)).IsDone);
        Assert.Equal("v2", master.Status.Slots[1].Label);
        Assert.True((await client.ReplaceAsync(0, order: ReplaceOrder.StopFirst, cancellationToken: Cancellation)).IsDone);
        Assert.Equal(2, master.Status.Slots[0].Workers[0].Generation);
        Assert.True((await client.ScaleAsync(3, cancellationToken: Cancellation)).IsDone);
        Assert.Equal(3, master.Status.ReadyCount);
        Assert.True((await client.SuspendRespawnAsync(Cancellation)).IsDone);
        Assert.True((await client.GetStatusAsync(Cancellation)).RespawnSuspended);
        Assert.True((await client.ResumeRespawnAsync(Cancellation)).IsDone);
        Assert.True((await client.ReopenLogsAsync(Cancellation)).IsDone);
        Assert.Equal(VerdictReason.NoRollout, (await client.PauseRolloutAsync(Cancellation)).Reason);
        Assert.Equal(VerdictReason.NoRollout, (await client.ResumeRolloutAsync(Cancellation)).Reason);
        Assert.Equal(VerdictReason.NoRollout, (await client.AbortRolloutAsync(cancellationToken: Cancellation)).Reason);
        Assert.True((await client.StopAsync(cancellationToken: Cancellation)).IsDone);
        Assert.True(master.Stopped.IsCompletedSuccessfully);
        Assert.Equal(VerdictReason.Stopping, (await client.ScaleAsync(2, cancellationToken: Cancellation)).Reason);
    }

    [Fact]
    public async Task Weights_and_shares_are_set()
    {
        KernelSteering.Require();
        await using OperatedPool operated = await OperatedPool.StartAsync();
        ControlClient client = await operated.ClientAsync();
        Assert.True((await client.SetWeightAsync(1, 3, Cancellation)).IsDone);
        Assert.Equal(0.75, operated.Pool.Status.Slots[1].Share, 3);
        Assert.True((await client.SetShareAsync("v2", 0.1, Cancellation)).IsDone);
        Assert.True((await client.SetShareAsync("v2", null, Cancellation)).IsDone);
        Verdict refused = await client.SetWeightAsync(1, -1, Cancellation);
        Assert.Equal((Outcome.Refused, VerdictReason.InvalidArgument), (refused.Outcome, refused.Reason));
        Assert.DoesNotContain("Parameter", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rollout_tells_how_far_it_is_and_a_bad_release_is_rolled_back()
    {
        await using OperatedPool operated = await OperatedPool.StartAsync();
        ControlClient client = await operated.ClientAsync();
        Progress progress = new();
        RolloutChanges good = new() { Release = OperatedPool.Release("v2", "serve"), Bake = TimeSpan.Zero };
        Verdict verdict = await client.RollAsync(good, progress, cancellationToken: Cancellation);
        Assert.Equal(Outcome.Done, verdict.Outcome);
        Assert.Equal(2, verdict.Slots.Count);
        Assert.Equal(PoolEventKind.RolloutBegan, progress.Events[0].Kind);
        Assert.Equal(PoolEventKind.RolloutEnded, progress.Events[^1].Kind);
        Assert.Equal(new RolloutProgress(RolloutState.Done, 2, 2), progress.Events[^1].Rollout);

        verdict = await client.RollAsync(good with { Release = OperatedPool.Release("v3", "exit-before-ready", "7") }, cancellationToken: Cancellation);
        Assert.Equal((Outcome.RolledBack, 7), (verdict.Outcome, verdict.Exit?.Code));
        Assert.Contains("this release is broken", verdict.LastErrorLines);
        Assert.All(operated.Pool.Status.Slots, slot => Assert.Equal("v2", slot.Label));
    }

    [Fact]
    public async Task Without_a_release_the_pools_own_is_rolled_out_resolved_anew()
    {
        using RunDirectory releases = new();
        string current = releases.File("current");
        File.CreateSymbolicLink(current, "/bin/sh");
        await using OperatedPool operated = await OperatedPool.StartAsync(options => options.Release =
            Release.Create(current, ["-c", "exec \"$0\" serve", TestPool.WorkerProgram]));
        string before = operated.Pool.Status.Slots[0].Label;
        File.Copy("/bin/sh", releases.File("other-shell"));
        File.Delete(current);
        File.CreateSymbolicLink(current, releases.File("other-shell"));
        ControlClient client = await operated.ClientAsync();
        Verdict verdict = await client.RollAsync(new RolloutChanges { Bake = TimeSpan.Zero }, cancellationToken: Cancellation);
        Assert.True(verdict.IsDone, verdict.Message);
        Assert.NotEqual(before, operated.Pool.Status.Slots[0].Label);
        Assert.EndsWith("/other-shell", operated.Pool.Status.Slots[0].Label, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_release_that_does_not_exist_is_refused_by_name()
    {
        await using OperatedPool operated = await OperatedPool.StartAsync();
        ControlClient client = await operated.ClientAsync();
        Verdict verdict = await client.ReplaceAsync(0, new ReleaseDescription { Executable = "/no/such/program" }, cancellationToken: Cancellation);
        Assert.Equal((Outcome.Refused, VerdictReason.InvalidArgument), (verdict.Outcome, verdict.Reason));
        Assert.Contains("/no/such/program", verdict.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_probe_of_an_endpoint_that_the_pool_does_not_have_is_refused_before_anything_is_started()
    {
        await using OperatedPool operated = await OperatedPool.StartAsync();
        ControlClient client = await operated.ClientAsync();
        Verdict verdict = await client.RollAsync(
            new RolloutChanges { Probe = new ProbeDescription { Kind = ProbeKind.Tcp, Endpoint = "web" } }, cancellationToken: Cancellation);
        Assert.Equal((Outcome.Refused, VerdictReason.InvalidArgument), (verdict.Outcome, verdict.Reason));
        Assert.Contains("The pool has no endpoint \"web\"", verdict.Message, StringComparison.Ordinal);
        Assert.Null(operated.Pool.Status.Rollout);
    }

    [Fact]
    public async Task Events_come_as_they_happen_with_those_before_if_asked_for_until_the_pool_has_stopped()
    {
        await using OperatedPool operated = await OperatedPool.StartAsync();
        ControlClient client = await operated.ClientAsync();
        List<PoolEvent> before = await ToListAsync(client.ReadEventsAsync(last: 1000, follow: false, Cancellation));
        Assert.Equal(2, before.Count(happened => happened.Kind == PoolEventKind.WorkerReady));

        IAsyncEnumerator<PoolEvent> following = client.ReadEventsAsync(last: 1, cancellationToken: Cancellation).GetAsyncEnumerator(Cancellation);
        Assert.True(await following.MoveNextAsync());
        Assert.Equal((before[^1].Time, before[^1].Message), (following.Current.Time, following.Current.Message));
        await client.StopAsync(cancellationToken: Cancellation);
        PoolEventKind last = default;
        while (await following.MoveNextAsync())
        {
            last = following.Current.Kind;
        }

        Assert.Equal(PoolEventKind.CommandEnded, last);
        await following.DisposeAsync();
    }

    [Fact]
    public async Task Without_a_master_it_is_said_what_is_missing()
    {
        using RunDirectory directory = new();
        string path = directory.File("control.sock");
        ControlException nothing = await Assert.ThrowsAsync<ControlException>(() => ControlClient.ConnectAsync(path, Cancellation));
        Assert.Equal(ControlFailure.NoMaster, nothing.Failure);
        Assert.Contains($"There is no control socket {path}", nothing.Message, StringComparison.Ordinal);

        using System.Net.Sockets.Socket dead = new(System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, default);
        dead.Bind(new System.Net.Sockets.UnixDomainSocketEndPoint(path));
        ControlException ended = await Assert.ThrowsAsync<ControlException>(() => ControlClient.ConnectAsync(path, Cancellation));
        Assert.Equal(ControlFailure.NoMaster, ended.Failure);
    }

    private static async Task<List<PoolEvent>> ToListAsync(IAsyncEnumerable<PoolEvent> events)
    {
        List<PoolEvent> list = [];
        await foreach (PoolEvent happened in events)
        {
            list.Add(happened);
        }

        return list;
    }

    private sealed class Progress : IProgress<PoolEvent>
    {
        public List<PoolEvent> Events { get; } = [];

        public void Report(PoolEvent value) => Events.Add(value);
    }
}
