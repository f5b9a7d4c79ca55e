using WorkerPool.Supervision;
using Xunit;

namespace WorkerPool.Tests.Supervision;

public class TakerChoiceTests
{
    [Fact]
    public void The_next_worker_of_the_same_slot_is_asked_first() =>
        Assert.Equal(1, TakerChoice.Order(from: 2, [new Taker(0, 0.9), new Taker(2, 0.1)], () => 0.5)[0]);

    [Fact]
    public void Others_are_asked_in_the_proportion_of_their_shares_and_each_once()
    {
        Random random = new(1);
        Taker[] takers = [new(0, 0.1), new(1, 0.3), new(3, 0.6)];
        int[] first = new int[3];
        for (int i = 0; i < 10_000; i++)
        {
            IReadOnlyList<int> order = TakerChoice.Order(from: 2, takers, random.NextDouble);
            Assert.Equal([0, 1, 2], order.Order());
            first[order[0]]++;
        }

        Assert.InRange(first[0], 850, 1150);
        Assert.InRange(first[1], 2800, 3200);
        Assert.InRange(first[2], 5700, 6300);
    }

    [Fact]
    public void A_slot_that_gets_no_new_connections_gets_none_of_these() =>
        Assert.Equal([1], TakerChoice.Order(from: 0, [new Taker(0, 0), new Taker(1, 1), new Taker(2, 0)], () => 0.5));
}
