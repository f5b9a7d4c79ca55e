using WorkerPool.Interop;
using WorkerPool.Sockets;
using Xunit;

namespace WorkerPool.Tests.Sockets;

public class DescriptorReserveTests
{
    [Theory]
    [InlineData(1024, 1007, false)]
    [InlineData(1024, 1008, true)]
    [InlineData(40, 34, false)] // an eighth, where that is less
    [InlineData(40, 35, true)]
    public void The_last_descriptors_are_not_for_connections(long limit, int descriptor, bool included) =>
        Assert.Equal(included, new DescriptorReserve(limit).Includes(descriptor));

    [Fact]
    public void The_next_descriptor_is_foreseen()
    {
        using FileStream file = File.OpenRead("/dev/null");
        using Descriptor any = new(checked((int)file.SafeFileHandle.DangerousGetHandle()));
        Assert.False(DescriptorReserve.OfThisProcess().IsNext(any));
        Assert.True(new DescriptorReserve(3).IsNext(any));
        any.SetHandleAsInvalid();
    }
}
