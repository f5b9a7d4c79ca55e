using WorkerPool.Supervision;
using Xunit;

namespace WorkerPool.Tests.Supervision;

public class MemoryGateTests
{
    private const long Mebibyte = 1 << 20;

    private static readonly MemoryGate Gate = new(reserve: 64 * Mebibyte);

    [Theory]
    [InlineData(1000, 4, 4)]
    [InlineData(464, 4, 4)]
    [InlineData(463, 4, 3)]
    [InlineData(164, 4, 1)]
    [InlineData(164, 1, 1)]
    public void As_many_start_first_as_the_memory_beyond_the_reserve_holds(long available, int surge, int fitting)
    {
        MemoryDecision decision = Gate.Decide(Reading(available, 80, 100, 90), surge);
        Assert.Equal((MemoryFit.StartFirst, fitting), (decision.Fit, decision.Surge));
    }

    [Theory]
    [InlineData(163)]
    [InlineData(64)]
    [InlineData(10)]
    [InlineData(0)]
    public void Without_room_for_one_more_equal_workers_are_replaced_stop_first_however_little_is_left(long available)
    {
        MemoryDecision decision = Gate.Decide(Reading(available, 100, 100), 1);
        Assert.Equal((MemoryFit.StopFirst, 0), (decision.Fit, decision.Surge));
    }

    [Theory]
    [InlineData(114, MemoryFit.StopFirst)]
    [InlineData(113, MemoryFit.Nothing)]
    [InlineData(0, MemoryFit.Nothing)]
    public void What_a_new_worker_needs_more_than_the_smallest_leaves_must_be_there(long available, object fit) =>
        Assert.Equal(fit, Gate.Decide(Reading(available, 50, 100), 1).Fit);

    [Fact]
    public void The_first_worker_of_a_larger_release_counts_from_then_on()
    {
        Assert.Equal(2, Gate.Decide(Reading(300, 100, 100, 100), 4).Surge);
        Assert.Equal(1, Gate.Decide(Reading(300, 100, 100, 200), 4).Surge);
    }

    [Fact]
    public void All_of_what_a_starting_worker_will_need_is_set_aside()
    {
        Assert.Equal(3, Gate.Decide(Reading(400, 100, 100), 4).Surge);
        Assert.Equal(1, Gate.Decide(Reading(400, 100, 100), 4, starting: 2).Surge);
        Assert.Equal(MemoryFit.StopFirst, Gate.Decide(Reading(400, 100, 100), 4, starting: 100).Fit);
    }

    [Fact]
    public void A_worker_that_could_not_be_measured_is_left_out()
    {
        MemoryReading reading = new(
            new MemoryAmount(200 * Mebibyte, "test"),
            [new WorkerMemory(1, new MemoryAmount(null, "the process has ended")), new WorkerMemory(2, new MemoryAmount(100 * Mebibyte, "test"))]);
        Assert.Equal((MemoryFit.StartFirst, 1), Outcome(reading, 2));
    }

    [Fact]
    public void What_is_not_known_is_not_counted_on()
    {
        MemoryReading noMachine = new(new MemoryAmount(null, "no MemAvailable"), [new WorkerMemory(1, new MemoryAmount(1, "test"))]);
        MemoryReading noWorker = new(new MemoryAmount(long.MaxValue, "test"), [new WorkerMemory(1, new MemoryAmount(null, "not readable"))]);
        Assert.Equal((MemoryFit.StopFirst, 0), Outcome(noMachine, 3));
        Assert.Equal((MemoryFit.StopFirst, 0), Outcome(noWorker, 3));
        Assert.Contains("no MemAvailable", Gate.Decide(noMachine, 3).Reason, StringComparison.Ordinal);
        Assert.Contains("not readable", Gate.Decide(noWorker, 3).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_no_worker_runs_there_is_nothing_to_stop_first() =>
        Assert.Equal((MemoryFit.StartFirst, 3), Outcome(new MemoryReading(new MemoryAmount(0, "test"), []), 3));

    [Fact]
    public void Amounts_at_the_ends_of_the_scale_do_not_overflow()
    {
        MemoryReading much = new(new MemoryAmount(long.MaxValue, "test"), [new WorkerMemory(1, new MemoryAmount(1, "test"))]);
        MemoryReading large = new(new MemoryAmount(0, "test"), [new WorkerMemory(1, new MemoryAmount(long.MaxValue, "test"))]);
        Assert.Equal(1000, Gate.Decide(much, 1000).Surge);
        Assert.Equal(MemoryFit.StopFirst, new MemoryGate(long.MaxValue).Decide(large, 1000, starting: 1000).Fit);
        Assert.Equal(5, Gate.Decide(Reading(65, 0, 0), 5).Surge);
    }

    [Fact]
    public void The_reason_has_the_figures()
    {
        Assert.Equal(
            "There is room for one worker more, not for 4: 200 MiB are available (test), 64 MiB of it reserved; the largest worker has 100 MiB.",
            Gate.Decide(Reading(200, 80, 100), 4).Reason);
        Assert.Equal(
            "There is no room for one worker more: 200 MiB are available (test), 64 MiB of it reserved; the largest worker has 100 MiB, and 2 still starting will need as much.",
            Gate.Decide(Reading(200, 100, 100), 4, starting: 2).Reason);
        Assert.Equal(
            "A new worker needs 20 MiB more than the smallest one leaves when it ends, and there is no room for that: 80 MiB are available (test), 64 MiB of it reserved; the largest worker has 100 MiB.",
            Gate.Decide(Reading(80, 80, 100), 4).Reason);
    }

    private static (MemoryFit, int) Outcome(MemoryReading reading, int surge)
    {
        MemoryDecision decision = Gate.Decide(reading, surge);
        return (decision.Fit, decision.Surge);
    }

    private static MemoryReading Reading(long available, params long[] workers) => new(
        new MemoryAmount(available * Mebibyte, "test"),
        [.. workers.Select((size, i) => new WorkerMemory(i + 1, new MemoryAmount(size * Mebibyte, "test")))]);
}
