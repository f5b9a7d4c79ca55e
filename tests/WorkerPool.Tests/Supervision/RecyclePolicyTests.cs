using WorkerPool.Supervision;
using Xunit;

namespace WorkerPool.Tests.Supervision;

public class RecyclePolicyTests
{
    private const long Mebibyte = 1 << 20;

    private static readonly TimeSpan LeastAge = TimeSpan.FromSeconds(10);

    [Fact]
    public void Without_a_limit_nobody_is_due()
    {
        RecyclePolicy policy = new(null, null, null, jitter: 0.5, LeastAge);
        Assert.Null(policy.Next(TimeSpan.MaxValue, [Worker(0, accepted: long.MaxValue, memory: long.MaxValue)]));
    }

    [Theory]
    [InlineData(99, null)]
    [InlineData(100, "The worker has been ready for 100 s; its limit is 100 s.")]
    [InlineData(250, "The worker has been ready for 250 s; its limit is 100 s.")]
    public void Age_counts_from_ready(int age, string? reason)
    {
        RecyclePolicy policy = new(TimeSpan.FromSeconds(100), null, null, jitter: 0, LeastAge);
        Assert.Equal(reason, policy.Next(Seconds(50 + age), [Worker(0, readySince: 50)])?.Reason);
    }

    [Theory]
    [InlineData(999, null)]
    [InlineData(1000, "The worker has accepted 1000 connections; its limit is 1000.")]
    public void Connections_count(long accepted, string? reason) =>
        Assert.Equal(reason, new RecyclePolicy(null, 1000, null, 0, LeastAge).Next(Seconds(20), [Worker(0, accepted: accepted)])?.Reason);

    [Theory]
    [InlineData(null, null)]
    [InlineData(99 * Mebibyte, null)]
    [InlineData(150 * Mebibyte, "The worker takes 150 MiB; its limit is 100 MiB.")]
    public void Memory_counts_if_it_is_known(long? memory, string? reason) =>
        Assert.Equal(reason, new RecyclePolicy(null, null, 100 * Mebibyte, 0, LeastAge).Next(Seconds(20), [Worker(0, memory: memory)])?.Reason);

    [Fact]
    public void Jitter_takes_off_at_most_its_part_of_each_limit()
    {
        RecyclePolicy policy = new(TimeSpan.FromSeconds(1000), 1000, 1000, jitter: 0.2, LeastAge);
        Assert.NotNull(policy.Next(Seconds(900), [Worker(0, chance: 0.5)]));
        Assert.Null(policy.Next(Seconds(900), [Worker(0, chance: 0.4)]));
        Assert.Equal("The worker has accepted 900 connections; its limit is 900.", policy.Next(Seconds(20), [Worker(0, accepted: 900, chance: 0.5)])?.Reason);
        Assert.Null(policy.Next(Seconds(20), [Worker(0, accepted: 900, chance: 0.4)]));
        Assert.NotNull(policy.Next(Seconds(20), [Worker(0, memory: 900, chance: 0.5)]));
        Assert.Null(policy.Next(Seconds(20), [Worker(0, memory: 900, chance: 0.4)]));
    }

    [Fact]
    public void Nobody_is_due_before_the_least_age()
    {
        RecyclePolicy policy = new(TimeSpan.FromSeconds(5), 1, 1, 0, LeastAge);
        RecycleCandidate worker = Worker(0, readySince: 100, accepted: 5, memory: 5);
        Assert.Null(policy.Next(Seconds(109), [worker]));
        Assert.NotNull(policy.Next(Seconds(110), [worker]));
    }

    [Fact]
    public void The_one_that_has_been_due_for_the_longest_comes_first_whatever_made_it_due()
    {
        RecyclePolicy policy = new(TimeSpan.FromSeconds(100), 1000, 100, 0, LeastAge);
        RecycleCandidate byMemory = Worker(2, readySince: 50, memory: 100);
        RecycleCandidate byConnections = Worker(1, readySince: 50, accepted: 1000);
        RecycleCandidate byAge = Worker(0, readySince: 0);
        Assert.Equal(2, policy.Next(Seconds(80), [byMemory])?.Worker.Slot);
        Assert.Equal(2, policy.Next(Seconds(90), [byConnections, byMemory])?.Worker.Slot);
        Assert.Equal(2, policy.Next(Seconds(101), [byAge, byConnections, byMemory])?.Worker.Slot);
        Assert.Equal(1, policy.Next(Seconds(102), [byAge, byConnections])?.Worker.Slot);
        Assert.Equal(0, policy.Next(Seconds(103), [byAge])?.Worker.Slot);
        Assert.Equal(0, policy.Next(Seconds(200), [byAge, Worker(3, readySince: 1), Worker(4, accepted: 1000, readySince: 100)])?.Worker.Slot);
    }

    [Fact]
    public void Who_is_below_the_limit_again_waits_anew()
    {
        RecyclePolicy policy = new(null, 1000, 100, 0, LeastAge);
        policy.Next(Seconds(20), [Worker(0, memory: 100)]);
        Assert.Equal(1, policy.Next(Seconds(30), [Worker(0, memory: 99), Worker(1, accepted: 1000)])?.Worker.Slot);
        Assert.Equal(1, policy.Next(Seconds(40), [Worker(0, memory: 100), Worker(1, accepted: 1000)])?.Worker.Slot);
    }

    private static TimeSpan Seconds(int seconds) => TimeSpan.FromSeconds(seconds);

    private static RecycleCandidate Worker(int slot, int readySince = 0, long accepted = 0, long? memory = 0, double chance = 0) =>
        new(new WorkerKey(slot, 1), Seconds(readySince), accepted, memory, chance);
}
