using WorkerPool.Sockets;
using Xunit;

namespace WorkerPool.Tests.Sockets;

public class AttachPaceTests
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(10);

    [Fact]
    public void A_burst_is_free_and_then_each_waits_for_its_period()
    {
        AttachPace pace = new(burst: 3, Period);
        TimeSpan now = TimeSpan.FromSeconds(1);
        Assert.Equal([0, 0, 0, 10, 20], Enumerable.Range(0, 5).Select(_ => pace.Take(now).TotalMilliseconds));
    }

    [Fact]
    public void Time_that_passes_gives_the_burst_back_and_no_more()
    {
        AttachPace pace = new(burst: 3, Period);
        for (int i = 0; i < 3; i++)
        {
            pace.Take(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(TimeSpan.Zero, pace.Take(TimeSpan.FromSeconds(1) + Period));
        Assert.Equal(Period, pace.Take(TimeSpan.FromSeconds(1) + Period));
        TimeSpan later = TimeSpan.FromHours(1);
        Assert.Equal([0, 0, 0, 10], Enumerable.Range(0, 4).Select(_ => pace.Take(later).TotalMilliseconds));
    }
}
