using WorkerPool.Supervision;
using Xunit;

namespace WorkerPool.Tests.Supervision;

public class BalanceTests
{
    [Theory]
    [InlineData(1, 0, 1)]
    [InlineData(1, 2, 1)] // a moment's accident
    [InlineData(1, 3, 0)]
    [InlineData(0, 2, 0)] // not yet caught up
    [InlineData(0, 1, 1)]
    public void A_slot_that_is_behind_gets_nothing_until_it_has_caught_up(double before, int waiting, double relief) =>
        Assert.Equal(relief, Balance.Relief(before, waiting, averageWaiting: 0.75, connections: 10, averageConnections: 10));

    [Fact]
    public void Where_all_queues_are_long_nobody_is_behind() =>
        Assert.Equal(1, Balance.Relief(1, waiting: 50, averageWaiting: 40, connections: 10, averageConnections: 10));

    [Theory]
    [InlineData(15, 1)]
    [InlineData(16, 10.0 / 16)]
    [InlineData(100, 0.5)]
    public void A_worker_that_serves_many_more_than_the_others_gets_less(int connections, double relief) =>
        Assert.Equal(relief, Balance.Relief(1, waiting: 0, averageWaiting: 0, connections, averageConnections: 10));

    [Fact]
    public void The_table_follows_the_queues()
    {
        Harness pool = new Harness(slots: 4).Up();
        Measure(pool, 0, 9, 0, 0);
        Assert.Equal(0, pool.Table[1]);
        Measure(pool, 0, 1, 0, 0);
        Assert.All(pool.Table, weight => Assert.Equal(0.25, weight));
        int before = pool.Did<SteerTo>().Length;
        Measure(pool, 1, 1, 0, 2);
        Assert.Equal(before, pool.Did<SteerTo>().Length);
    }

    [Fact]
    public void A_slot_that_was_behind_when_its_worker_died_starts_anew()
    {
        Harness pool = new Harness(slots: 2).Up();
        Measure(pool, 0, 9);
        pool.Exit(pool.Newest(1), code: 1);
        pool.Pass(TimeSpan.FromSeconds(2));
        pool.Ready(pool.Newest(1));
        Assert.Equal([0.5, 0.5], pool.Table);
    }

    private static void Measure(Harness pool, params int[] waiting)
    {
        pool.Supervisor.QueuesMeasured(waiting);
        pool.Settle();
    }
}
