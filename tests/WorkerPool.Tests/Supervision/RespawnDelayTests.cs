using WorkerPool.Supervision;
using Xunit;

namespace WorkerPool.Tests.Supervision;

public class RespawnDelayTests
{
    private static readonly RespawnDelay Delay = new(
        TimeSpan.FromMilliseconds(100), Factor: 2, TimeSpan.FromSeconds(30), Jitter: 0.2, BreakerThreshold: 50, TimeSpan.FromMinutes(1));

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 100)]
    [InlineData(2, 200)]
    [InlineData(5, 1600)]
    [InlineData(9, 25_600)]
    [InlineData(10, 30_000)]
    [InlineData(49, 30_000)]
    public void The_wait_doubles_with_each_early_death_up_to_the_longest(int deaths, int milliseconds) =>
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), Delay.After(deaths, chance: 0));

    [Fact]
    public void Jitter_takes_off_at_most_its_part() =>
        Assert.Equal(TimeSpan.FromMilliseconds(80), Delay.After(1, chance: 1));

    [Fact]
    public void From_the_threshold_on_the_breaker_period_holds() =>
        Assert.Equal(TimeSpan.FromMinutes(1), Delay.After(50, chance: 0));

    [Fact]
    public void A_power_beyond_all_numbers_is_the_longest_wait() =>
        Assert.Equal(TimeSpan.FromSeconds(30), (Delay with { Factor = 100, BreakerThreshold = int.MaxValue }).After(1000, chance: 0));
}
