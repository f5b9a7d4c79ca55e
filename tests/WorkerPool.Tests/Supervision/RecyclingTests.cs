using WorkerPool.Supervision;
using Xunit;

namespace WorkerPool.Tests.Supervision;

public class RecyclingTests
{
    private const long Megabyte = 1 << 20;

    [Fact]
    public void Old_workers_are_replaced_one_at_a_time_by_the_same_release()
    {
        Harness pool = Pool(new RecycleOptions { Age = TimeSpan.FromMinutes(10) }, available: 1000);
        pool.Pass(TimeSpan.FromMinutes(9));
        Assert.Equal(3, pool.Processes.Count);
        pool.Pass(TimeSpan.FromMinutes(1));
        for (int slot = 0; slot < 3; slot++)
        {
            Assert.Equal(4, pool.Processes.Count);
            Assert.Equal(new WorkerKey(slot, 2), pool.Newest(slot));
            pool.Ready(pool.Newest(slot));
            pool.Exit(new WorkerKey(slot, 1));
        }

        Assert.Equal(3, pool.Processes.Count);
        Assert.All(pool.Processes.Values, release => Assert.Equal(Harness.V1, release));
        Assert.Equal(3, pool.Events.Count(kind => kind == PoolEventKind.WorkerDue));
    }

    [Fact]
    public void Without_memory_for_one_more_the_old_worker_stops_first_while_all_others_serve()
    {
        Harness pool = Pool(new RecycleOptions { Age = TimeSpan.FromMinutes(10) }, available: 10);
        pool.Exit(pool.Newest(2), code: 1);
        pool.Pass(TimeSpan.FromMinutes(10));
        Assert.DoesNotContain(PoolEventKind.WorkerDue, pool.Events);
        pool.Ready(pool.Newest(2));
        pool.Pass(TimeSpan.FromSeconds(10));
        Assert.Equal(WorkerState.Draining, pool.Slot(0).Workers.Single().State);
    }

    [Fact]
    public void A_worker_that_has_grown_is_replaced()
    {
        Harness pool = Pool(new RecycleOptions { MemoryBytes = 150 * Megabyte }, available: 1000, slot => slot == 1 ? 160 : 100);
        pool.Pass(TimeSpan.FromSeconds(20));
        Assert.Equal(new WorkerKey(1, 2), pool.Newest(1));
        Assert.Equal(4, pool.Processes.Count);
    }

    [Fact]
    public void A_worker_that_has_served_enough_is_replaced()
    {
        Harness pool = Pool(new RecycleOptions { Connections = 1000 }, available: 1000);
        pool.Supervisor.Report(pool.Newest(2), connections: 5, accepted: 1000);
        pool.Pass(TimeSpan.FromSeconds(20));
        Assert.Equal(new WorkerKey(2, 2), pool.Newest(2));
    }

    [Fact]
    public void Nothing_is_recycled_while_a_rollout_is_under_way()
    {
        Harness pool = Pool(new RecycleOptions { Age = TimeSpan.FromMinutes(10) }, available: 1000);
        pool.Roll(new RolloutPlan(Harness.V2) { Bake = TimeSpan.FromHours(1), Count = 1 });
        pool.Ready(pool.Newest(0));
        pool.Exit(new WorkerKey(0, 1));
        pool.Pass(TimeSpan.FromMinutes(30));
        Assert.Equal(3, pool.Processes.Count);
    }

    [Fact]
    public void A_successor_that_fails_is_reported_and_tried_again_later()
    {
        Harness pool = Pool(new RecycleOptions { Age = TimeSpan.FromMinutes(10) }, available: 1000);
        pool.Pass(TimeSpan.FromMinutes(10));
        pool.Exit(pool.Newest(0), code: 1);
        Assert.Contains(PoolEventKind.Warning, pool.Events);
        Assert.Equal(3, pool.Processes.Count);
        pool.Pass(TimeSpan.FromSeconds(10));
        Assert.Equal(4, pool.Processes.Count);
    }

    private static Harness Pool(RecycleOptions options, long available, Func<int, long>? size = null)
    {
        Harness pool = new Harness(slots: 3, settings => settings with { Recycle = options });
        pool.Reading = _ => new MemoryReading(
            new MemoryAmount(available * Megabyte, "MemAvailable"),
            [.. pool.Supervisor.Snapshot().Slots.SelectMany(slot => slot.Workers, (slot, worker) =>
                new WorkerMemory(worker.ProcessId, new MemoryAmount((size?.Invoke(slot.Slot) ?? 100) * Megabyte, "PSS")))]);
        return pool.Up();
    }
}
