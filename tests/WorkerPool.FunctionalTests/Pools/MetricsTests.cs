using System.Diagnostics.Metrics;
using WorkerPool.FunctionalTests.Support;
using Xunit;

namespace WorkerPool.FunctionalTests.Pools;

[Collection("Pools")]
public class MetricsTests
{
    private readonly string _name = Guid.NewGuid().ToString("N");

    [Fact]
    public async Task Every_connection_is_counted_once_whatever_becomes_of_its_worker()
    {
        using MetricsBook metrics = new(_name);
        await using TestPool pool = await StartAsync(options => options.WorkerCount = 2);
        await AskAsync(pool, 20);
        (await pool.Master.ReplaceAsync(0)).EnsureDone();
        await AskAsync(pool, 20);
        (await pool.Master.ReplaceAsync(1, order: ReplaceOrder.StopFirst)).EnsureDone();
        await AskAsync(pool, 20);
        (await pool.Master.ScaleAsync(1)).EnsureDone();
        await AskAsync(pool, 20);
        (await pool.Master.ScaleAsync(3)).EnsureDone();
        await AskAsync(pool, 20);
        (await pool.Master.RollAsync(new RolloutPlan(TestPool.Release("v2", "serve")) { Bake = TimeSpan.Zero, Parallelism = 3, Surge = 3 })).EnsureDone();
        await AskAsync(pool, 20);
        (await pool.Master.StopAsync()).EnsureDone();

        Assert.Equal(120, pool.Status.AcceptedTotal);
        Assert.Equal(120, pool.Status.Slots.Sum(slot => slot.AcceptedTotal));
        Assert.Equal(120, metrics.Shown("connection.accepted"));
        Assert.Equal(0, metrics.Shown("connection.count"));
        Assert.Equal(0, metrics.Counted("connection.cut"));
        Assert.Equal(0, metrics.Shown("worker.count"));
        Assert.Equal(metrics.Counted("worker.spawns"), metrics.Counted("worker.exits", "exit.status=0", "exit.asked=True"));
    }

    [Fact]
    public async Task Under_load_a_rollout_counts_exactly_the_clients_that_came()
    {
        using MetricsBook metrics = new(_name);
        await using TestPool pool = await StartAsync(options => options.WorkerCount = 2);
        await using Load load = Load.Start(pool, perSecond: 200);
        await load.ForAsync(50);
        (await pool.Master.RollAsync(new RolloutPlan(TestPool.Release("v2", "serve")) { Bake = TimeSpan.Zero })).EnsureDone();
        await load.ForAsync(50);
        await load.EndWithoutLossAsync();
        (await pool.Master.StopAsync()).EnsureDone();

        Assert.Equal(load.Served.Values.Sum(), pool.Status.AcceptedTotal);
        Assert.Equal(load.Served.Values.Sum(), metrics.Shown("connection.accepted"));
        Assert.Equal((1, 2), (metrics.Recorded("rollout.duration", "outcome=done"), metrics.Recorded("replacement.duration", "outcome=done", "origin=rollout", "order=start_first")));
        Assert.Equal(4, metrics.Recorded("worker.start.duration"));
    }

    [Fact]
    public async Task A_worker_that_is_killed_is_an_exit_unasked_a_respawn_and_the_end_of_its_connections()
    {
        using MetricsBook metrics = new(_name);
        await using TestPool pool = await StartAsync(options => options.WorkerCount = 1);
        using ClientGroup live = await ClientGroup.AskAsync(pool, 3);
        await live.ReceiveAsync();
        await pool.WhenReportedAsync(0, connections: 3);
        Assert.Equal(3, metrics.Shown("connection.count", "slot=0"));
        Assert.Equal((1, 0), (metrics.Shown("worker.count", "worker.state=ready", "release=v1"), metrics.Shown("worker.count", "worker.state=draining")));

        pool.Forget();
        Machine.Kill(pool.ProcessOf(0));
        await pool.WaitForAsync(PoolEventKind.WorkerReady, 0);
        Assert.Equal(1, metrics.Counted("worker.exits", "slot=0", "exit.status=SIGKILL", "exit.asked=False", "error.type=exited_after_ready"));
        Assert.Equal(1, metrics.Counted("worker.respawns", "slot=0"));
        Assert.Equal(2, metrics.Counted("worker.spawns", "slot=0"));
        Assert.Equal(3, metrics.Counted("connection.cut", "slot=0", "exit.asked=False"));
        Assert.Equal(3, metrics.Shown("connection.accepted", "slot=0"));
    }

    [Fact]
    public async Task Connections_that_a_drain_deadline_ends_are_cut()
    {
        using MetricsBook metrics = new(_name);
        await using TestPool pool = await StartAsync(options => options.WorkerCount = 1);
        using ClientGroup live = await ClientGroup.AskAsync(pool, 2);
        await live.ReceiveAsync();
        await pool.WhenReportedAsync(0, connections: 2);
        (await pool.Master.DrainAsync(0, TimeSpan.FromMilliseconds(50))).EnsureDone();

        Assert.Equal(2, metrics.Counted("connection.cut", "slot=0", "exit.asked=True"));
        Assert.Equal(1, metrics.Shown("slot.count", "slot.state=empty"));
        Assert.Equal(0, metrics.Shown("slot.count", "slot.state=ready"));
    }

    [Fact]
    public async Task A_release_that_fails_is_an_outcome_and_the_reason_has_a_name()
    {
        using MetricsBook metrics = new(_name);
        await using TestPool pool = await StartAsync(options => options.WorkerCount = 2);
        Verdict verdict = await pool.Master.RollAsync(new RolloutPlan(TestPool.Release("v2", "exit-before-ready", "3")));
        Assert.Equal(Outcome.RolledBack, verdict.Outcome);
        Assert.Equal(1, metrics.Recorded("rollout.duration", "outcome=rolled_back", "error.type=exited_before_ready"));
        Assert.Equal(1, metrics.Recorded("replacement.duration", "outcome=failed", "error.type=exited_before_ready", "order=start_first"));
        Assert.Equal(1, metrics.Counted("worker.exits", "exit.status=3", "error.type=exited_before_ready"));

        string program = Path.GetTempFileName();
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        Release gone = Release.Create(program, label: "v3");
        File.Delete(program);
        Assert.Equal(Outcome.Failed, (await pool.Master.ReplaceAsync(0, gone)).Outcome);
        Assert.Equal(1, metrics.Counted("worker.spawn_failures", "slot=0"));
        Assert.Equal(1, metrics.Recorded("replacement.duration", "outcome=failed", "error.type=spawn_failed", "origin=operator"));
        Assert.Equal(0, metrics.Counted("worker.respawns"));
    }

    [Fact]
    public async Task The_length_of_a_queue_is_read_when_somebody_collects()
    {
        using MetricsBook metrics = new(_name);
        await using TestPool pool = await StartAsync(options =>
        {
            options.WorkerCount = 1;
            options.Listen(TestPool.Endpoint, "127.0.0.1:0").Backlog = 100;
        });
        Assert.Equal(0, metrics.Shown("accept_queue.length", "slot=0", "endpoint=main"));
        await Machine.FreezeAsync(pool.ProcessOf(0));
        using ClientGroup waiting = await ClientGroup.AskAsync(pool, 5);
        Assert.Equal((5, 100), (metrics.Shown("accept_queue.length", "slot=0", "endpoint=main"), metrics.Shown("accept_queue.limit", "slot=0", "endpoint=main")));
        Machine.Thaw(pool.ProcessOf(0));
        await waiting.ReceiveAsync();
        Assert.Equal(0, metrics.Shown("accept_queue.length"));
    }

    [Fact]
    public async Task A_pool_that_is_disposed_is_not_shown_any_more_and_others_are()
    {
        using SharedMeter factory = new();
        using MetricsBook metrics = new(_name);
        using MetricsBook others = new(_name + " other");
        await using TestPool other = await StartAsync(options =>
        {
            options.WorkerCount = 1;
            options.Name += " other";
            options.MeterFactory = factory;
        });
        foreach (IMeterFactory? of in (IMeterFactory?[])[factory, null])
        {
            await using TestPool pool = await StartAsync(options =>
            {
                options.WorkerCount = 1;
                options.MeterFactory = of;
            });
            Assert.Equal(1, metrics.Shown("worker.count", "worker.state=ready"));
            await pool.DisposeAsync();
            Assert.Empty(metrics.Collect("worker.count"));
            Assert.Empty(metrics.Collect("accept_queue.length"));
        }

        Assert.Equal(1, others.Shown("worker.count", "worker.state=ready"));
        await AskAsync(other, 3);
        (await other.Master.StopAsync()).EnsureDone();
        Assert.Equal(3, others.Shown("connection.accepted"));
    }

    [Fact]
    public async Task A_listener_that_throws_does_not_end_the_pool()
    {
        using MeterListener broken = new();
        broken.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == "WorkerPool")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        broken.SetMeasurementEventCallback<long>((_, _, _, _) => throw new InvalidOperationException("broken listener"));
        broken.SetMeasurementEventCallback<double>((_, _, _, _) => throw new InvalidOperationException("broken listener"));
        broken.Start();
        await using TestPool pool = await StartAsync(options => options.WorkerCount = 1);
        (await pool.Master.ReplaceAsync(0)).EnsureDone();
        Assert.Equal(2, (await pool.AskAsync()).Generation);
        Assert.Single(pool.Log.Lines, line => line.Contains("broken listener", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Slots_and_releases_that_are_gone_are_shown_with_nothing_in_them()
    {
        using MetricsBook metrics = new(_name);
        await using TestPool pool = await StartAsync(options => options.WorkerCount = 2);
        (await pool.Master.ScaleAsync(1)).EnsureDone();
        (await pool.Master.ReplaceAsync(0, TestPool.Release("v2", "serve"))).EnsureDone();
        Assert.Equal([0.0], metrics.Collect("accept_queue.limit", "slot=1").Select(entry => entry.Value));
        Assert.Equal([0.0], metrics.Collect("connection.count", "slot=1").Select(entry => entry.Value));
        Assert.Equal([0.0], metrics.Collect("worker.count", "release=v1", "worker.state=ready").Select(entry => entry.Value));
        Assert.Equal([1.0], metrics.Collect("worker.count", "release=v2", "worker.state=ready").Select(entry => entry.Value));
    }

    private Task<TestPool> StartAsync(Action<PoolOptions> change) => TestPool.StartAsync(options =>
    {
        options.Name = _name;
        change(options);
    });

    private static async Task AskAsync(TestPool pool, int times)
    {
        for (int i = 0; i < times; i++)
        {
            await pool.AskAsync();
        }
    }

    private sealed class SharedMeter : IMeterFactory
    {
        private readonly Meter _meter = new("WorkerPool");

        public Meter Create(MeterOptions options) => _meter;

        public void Dispose() => _meter.Dispose();
    }
}
