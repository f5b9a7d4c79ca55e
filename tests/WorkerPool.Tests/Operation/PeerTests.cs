using WorkerPool.Operation;
using Xunit;

namespace WorkerPool.Tests.Operation;

public sealed class PeerTests
{
    [Theory]
    [InlineData(1000, false, true)] // the master's own
    [InlineData(0, false, true)] // root
    [InlineData(1001, false, false)]
    [InlineData(1001, true, true)]
    public void The_masters_user_root_and_the_group_may_command(int user, bool inGroup, bool may)
    {
        Peer peer = new(1, (uint)user, inGroup ? [5, 50] : [5]);
        Assert.Equal(may, peer.MayCommand(1000, 50));
    }

    [Fact]
    public void Without_a_group_no_group_may() => Assert.False(new Peer(1, 1001, [0, 50]).MayCommand(1000, null));
}
