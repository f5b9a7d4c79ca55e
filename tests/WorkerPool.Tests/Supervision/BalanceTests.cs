using WorkerPool.Supervision;
using Xunit;

namespace WorkerPool.Tests.Supervision;

public class BalanceTests
{
    private static readonly Balance Behind = new(0.5, IsBehind: true, TimeSpan.Zero);

    [Theory]
    [InlineData(0, 1)]
    [InlineData(2, 1)] // a moment's accident
    [InlineData(3, 0)]
    public void A_slot_that_is_behind_gets_nothing(int waiting, double relief) =>
        Assert.Equal(relief, Balance.Even.After(waiting, averageWaiting: 0.75, TimeSpan.Zero).Relief);

    [Theory]
    [InlineData(2, 0)] // not yet
    [InlineData(1, 0.5)]
    public void When_it_has_caught_up_it_gets_half_of_what_it_had(int waiting, double relief) =>
        Assert.Equal(relief, Behind.After(waiting, averageWaiting: 0.5, TimeSpan.FromSeconds(5)).Relief);

    [Fact]
    public void What_was_taken_comes_back_bit_by_bit_while_it_keeps_up()
    {
        Balance balance = Behind.After(0, 0, TimeSpan.FromSeconds(5));
        double[] parts = new double[7];
        for (int i = 0; i < parts.Length; i++)
        {
            balance = balance.After(0, 0, TimeSpan.FromSeconds(6 + i) - TimeSpan.FromTicks(1)).After(0, 0, TimeSpan.FromSeconds(6 + i));
            parts[i] = Math.Round(balance.Relief, 3);
        }

        Assert.Equal([0.6, 0.7, 0.8, 0.9, 1, 1, 1], parts);
    }

    [Fact]
    public void A_slot_that_is_behind_again_and_again_keeps_a_tenth()
    {
        Balance balance = Balance.Even;
        for (int stall = 0; stall < 10; stall++)
        {
            balance = balance.After(9, 1, TimeSpan.Zero).After(0, 0, TimeSpan.Zero);
        }

        Assert.Equal(0.1, balance.Relief);
    }

    [Fact]
    public void Where_all_queues_are_long_nobody_is_behind() =>
        Assert.Same(Balance.Even, Balance.Even.After(50, averageWaiting: 40, TimeSpan.Zero));

    [Theory]
    [InlineData(15, 1)]
    [InlineData(16, 10.0 / 16)]
    [InlineData(100, 0.5)]
    public void A_worker_that_serves_many_more_than_the_others_gets_less(int connections, double relief) =>
        Assert.Equal(relief, Balance.OfLoaded(connections, averageConnections: 10));

    [Fact]
    public void The_table_follows_the_queues()
    {
        Harness pool = new Harness(slots: 4).Up();
        Measure(pool, 0, 9, 0, 0);
        Assert.Equal(0, pool.Table[1]);
        Measure(pool, 0, 1, 0, 0);
        Assert.Equal(0.5 / 3.5, pool.Table[1], tolerance: 1e-9);
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
        pool.Supervisor.QueuesMeasured(waiting, pool.Now);
        pool.Settle();
    }
}
