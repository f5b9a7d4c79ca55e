using System.Diagnostics;
using WorkerPool.FunctionalTests.Support;
using Xunit;
using static Tmds.Linux.LibC;

namespace WorkerPool.FunctionalTests.Pools;

[Collection("Pools")]
public class TraceTests
{
    private static readonly ActivitySource Callers = new(SpanBook.TestSource);

    private readonly string _name = Guid.NewGuid().ToString("N");

    [Fact]
    public async Task A_rollout_is_a_span_of_its_caller_with_one_for_each_replacement()
    {
        using SpanBook spans = new(_name);
        await using TestPool pool = await StartAsync();
        Assert.Equal([0, 1], spans.Of("workerpool.start").Select(span => (int)span.GetTagItem("workerpool.slot")!).Order());

        using Activity caller = Callers.StartActivity("deploy")!;
        Verdict verdict = (await pool.Master.RollAsync(new RolloutPlan(TestPool.Release("v2", "serve")) { Bake = TimeSpan.Zero })).EnsureDone();
        Assert.Same(caller, Activity.Current);
        caller.Stop();

        Activity rollout = Assert.Single(spans.Of("workerpool.rollout"));
        Assert.Equal((caller.TraceId, caller.SpanId, ActivityStatusCode.Ok), (rollout.TraceId, rollout.ParentSpanId, rollout.Status));
        Assert.Equal(("v2", "done", 2, 2), (rollout.GetTagItem("workerpool.release"), rollout.GetTagItem("workerpool.outcome"), rollout.GetTagItem("workerpool.rollout.slots"), rollout.GetTagItem("workerpool.rollout.done")));
        Assert.InRange(rollout.Duration, verdict.Duration - TimeSpan.FromSeconds(1), verdict.Duration + TimeSpan.FromSeconds(1));

        Activity[] replacements = spans.Of("workerpool.replace");
        Assert.Equal([0, 1], replacements.Select(span => (int)span.GetTagItem("workerpool.slot")!));
        Assert.All(replacements, span => Assert.Equal(rollout.SpanId, span.ParentSpanId));
        Assert.All(replacements, span => Assert.Equal(
            ("v1", "v2", "start_first", "rollout"),
            (span.GetTagItem("workerpool.release.previous"), span.GetTagItem("workerpool.release"), span.GetTagItem("workerpool.order"), span.GetTagItem("workerpool.origin"))));
        Assert.All(replacements, span => Assert.InRange(span.StartTimeUtc, rollout.StartTimeUtc.AddMilliseconds(-50), rollout.StartTimeUtc + rollout.Duration));
        Assert.Equal(2, rollout.Events.Count(e => e.Name == "rollout_slot_done"));
    }

    [Fact]
    public async Task A_rollout_that_goes_back_is_an_error_with_its_reason()
    {
        using SpanBook spans = new(_name);
        await using TestPool pool = await StartAsync();
        Verdict verdict = await pool.Master.RollAsync(new RolloutPlan(TestPool.Release("v2", "exit-before-ready", "3")));

        Activity rollout = Assert.Single(spans.Of("workerpool.rollout"));
        Assert.Equal(
            (ActivityStatusCode.Error, verdict.Message, "rolled_back", "exited_before_ready", "3"),
            (rollout.Status, rollout.StatusDescription, rollout.GetTagItem("workerpool.outcome"), rollout.GetTagItem("error.type"), rollout.GetTagItem("workerpool.exit.status")));
        Activity failed = Assert.Single(spans.Of("workerpool.replace"));
        Assert.Equal((rollout.SpanId, ActivityStatusCode.Error, "failed"), (failed.ParentSpanId, failed.Status, failed.GetTagItem("workerpool.outcome")));
        Assert.Contains(rollout.Events, e => e.Name == "roll_back_began");
    }

    [Fact]
    public async Task Commands_of_one_slot_are_spans_and_the_spans_of_others_do_not_stick_to_the_master()
    {
        using SpanBook spans = new(_name);
        using Activity starter = Callers.StartActivity("start of the host")!;
        await using TestPool pool = await StartAsync();
        starter.Stop();
        Assert.All(spans.Of("workerpool.start"), span => Assert.Equal(starter.SpanId, span.ParentSpanId));
        Activity.Current = null;

        (await pool.Master.ReplaceAsync(1)).EnsureDone();
        (await pool.Master.DrainAsync(0)).EnsureDone();
        Activity replace = Assert.Single(spans.Of("workerpool.replace"));
        Activity drain = Assert.Single(spans.Of("workerpool.drain"));
        Assert.Equal((default, "operator", 1), (replace.ParentSpanId, replace.GetTagItem("workerpool.origin"), replace.GetTagItem("workerpool.slot")));
        Assert.Equal((default, ActivityStatusCode.Ok), (drain.ParentSpanId, drain.Status));

        using Activity scaling = Callers.StartActivity("more")!;
        (await pool.Master.ScaleAsync(3)).EnsureDone();
        Activity added = spans.Of("workerpool.start")[^1];
        Assert.Equal((scaling.SpanId, "scale", 2), (added.ParentSpanId, added.GetTagItem("workerpool.origin"), added.GetTagItem("workerpool.slot")));
    }

    [Fact]
    public async Task A_worker_that_takes_the_place_of_a_dead_one_is_a_span_without_a_parent()
    {
        using SpanBook spans = new(_name);
        using Activity starter = Callers.StartActivity("start of the host")!;
        await using TestPool pool = await StartAsync();
        _ = kill(pool.ProcessOf(1), SIGKILL);
        await pool.WaitForAsync(PoolEventKind.WorkerReady, slot: 1);

        Activity respawn = Assert.Single(spans.Of("workerpool.respawn"));
        Assert.Equal((default, ActivityStatusCode.Ok, 1, "v1", "done"), (respawn.ParentSpanId, respawn.Status, respawn.GetTagItem("workerpool.slot"), respawn.GetTagItem("workerpool.release"), respawn.GetTagItem("workerpool.outcome")));
        Assert.True(respawn.Duration > TimeSpan.Zero);
    }

    [Fact]
    public async Task A_respawn_that_fails_is_an_error_with_its_reason()
    {
        using RunDirectory directory = new();
        string flag = directory.File("broken");
        using SpanBook spans = new(_name);
        await using TestPool pool = await TestPool.StartAsync(options =>
        {
            options.Name = _name;
            options.WorkerCount = 1;
            options.Release = TestPool.Script("v1", $"test -e {flag} && exit 5", "serve");
        });
        File.WriteAllText(flag, "");
        _ = kill(pool.ProcessOf(0), SIGKILL);
        await pool.WaitForAsync(happened => happened is { Kind: PoolEventKind.WorkerExited, Exit.Code: 5 }, "a worker that exits at once");
        File.Delete(flag);
        await pool.WaitForAsync(PoolEventKind.WorkerReady, slot: 0);

        Activity[] respawns = spans.Of("workerpool.respawn");
        Assert.Equal(ActivityStatusCode.Ok, respawns[^1].Status);
        Assert.Equal(
            (ActivityStatusCode.Error, "failed", "exited_before_ready", "5"),
            (respawns[0].Status, respawns[0].GetTagItem("workerpool.outcome"), respawns[0].GetTagItem("error.type"), respawns[0].GetTagItem("workerpool.exit.status")));
    }

    private Task<TestPool> StartAsync() => TestPool.StartAsync(options =>
    {
        options.Name = _name;
        options.WorkerCount = 2;
    });
}
