using Tmds.Linux;
using WorkerPool.Processes;
using Xunit;

namespace WorkerPool.Tests.Processes;

public class ProcessClockTests
{
    [Fact]
    public void Seconds_and_nanoseconds_become_ticks() =>
        Assert.Equal(TimeSpan.FromTicks(12_345_678_90), ProcessClock.ToTimeSpan(new timespec { tv_sec = 123, tv_nsec = 456_789_099 }));

    [Fact]
    public void The_time_of_this_process_is_what_the_runtime_says()
    {
        TimeSpan before = Environment.CpuUsage.TotalTime;
        TimeSpan read = ProcessClock.Read(Environment.ProcessId)!.Value;
        Assert.InRange(read, before - TimeSpan.FromMilliseconds(20), Environment.CpuUsage.TotalTime + TimeSpan.FromMilliseconds(20));
    }

    [Fact]
    public void A_process_that_is_not_there_has_none() => Assert.Null(ProcessClock.Read(4_194_305)); // proc(5), pid_max: at most 4,194,304
}
