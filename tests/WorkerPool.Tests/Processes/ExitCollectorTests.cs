using WorkerPool.Processes;
using Xunit;

namespace WorkerPool.Tests.Processes;

public sealed class ExitCollectorTests
{
    [Theory]
    [InlineData(0x0000, 0, null)]
    [InlineData(0x0700, 7, null)]
    [InlineData(0xFF00, 255, null)]
    [InlineData(0x0009, null, 9)]
    [InlineData(0x008B, null, 11)]
    public void A_wait_status_is_a_code_or_a_signal_with_or_without_core(int waitStatus, int? code, int? signal) =>
        Assert.Equal(new ExitStatus(code, signal), ExitCollector.FromWaitStatus(waitStatus));
}
