using WorkerPool.Processes;
using Xunit;

namespace WorkerPool.Tests.Processes;

public sealed class RuntimeVariablesTests
{
    private const string Spinning = "DOTNET_ThreadPool_UnfairSemaphoreSpinLimit";

    [Theory]
    [InlineData(2, 2)]
    [InlineData(4, 2)]
    [InlineData(1, 1)]
    [InlineData(1024, 64)]
    [InlineData(33, 64)]
    public void Workers_that_share_processors_do_not_spin(int workers, int processors) =>
        Assert.Equal("0", Assert.Single(RuntimeVariables.For(workers, processors), variable => variable.Key == Spinning).Value);

    [Theory]
    [InlineData(1, 2)]
    [InlineData(2, 4)]
    [InlineData(32, 64)]
    public void Workers_with_two_processors_each_are_left_alone(int workers, int processors) =>
        Assert.Empty(RuntimeVariables.For(workers, processors));
}
