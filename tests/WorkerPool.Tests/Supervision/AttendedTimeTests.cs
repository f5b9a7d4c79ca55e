using WorkerPool.Supervision;
using Xunit;

namespace WorkerPool.Tests.Supervision;

public class AttendedTimeTests
{
    private readonly AttendedTime _time = new(TimeSpan.FromSeconds(60));

    [Fact]
    public void It_is_the_time_outside_while_somebody_looks_often_enough()
    {
        for (int second = 1; second <= 100; second++)
        {
            Assert.Equal(TimeSpan.FromSeconds(second), _time.Look(TimeSpan.FromSeconds(second)));
        }
    }

    [Theory]
    [InlineData(11)]
    [InlineData(3600)]
    [InlineData(1_000_000)]
    public void However_long_nobody_looked_no_more_than_a_step_has_passed(int seconds)
    {
        _time.Look(TimeSpan.FromSeconds(5));
        Assert.Equal(TimeSpan.FromSeconds(15), _time.Look(TimeSpan.FromSeconds(5 + seconds)));
    }

    [Fact]
    public void It_tells_when_one_of_its_times_comes()
    {
        _time.Look(TimeSpan.FromHours(1));
        Assert.Equal(TimeSpan.FromHours(1) + TimeSpan.FromSeconds(4), _time.TimeOf(TimeSpan.FromSeconds(14)));
    }
}
