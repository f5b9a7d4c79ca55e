using WorkerPool.Processes;
using Xunit;

namespace WorkerPool.Tests.Processes;

public class ProcessConditionTests
{
    [Fact]
    public void This_process_is_seen_as_it_is()
    {
        ProcessCondition condition = ProcessCondition.Read(Environment.ProcessId);
        Assert.Matches(@"^its process is in state [RSD] \(.+\) and has [1-9][0-9]* threads$", condition.Text);
    }

    [Theory]
    [InlineData("0", null)]
    [InlineData("4711", 4711)]
    public void Whoever_traces_it_is_known(string tracer, int? expected)
    {
        ProcessCondition condition = ProcessCondition.Parse(["Name:\tapp: x", "State:\tT (stopped)", $"TracerPid:\t{tracer}", "Threads:\t17", ""]);
        Assert.Equal(new ProcessCondition(expected, "its process is in state T (stopped) and has 17 threads"), condition);
    }

    [Fact]
    public void One_that_is_gone_is_not_known() =>
        Assert.Equal(new ProcessCondition(null, "what it does is not known"), ProcessCondition.Read(int.MaxValue));
}
