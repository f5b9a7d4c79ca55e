using WorkerPool.FunctionalTests.Support;
using WorkerPool.Runtime;
using WorkerPool.Sockets;
using Xunit;

namespace WorkerPool.FunctionalTests.Sockets;

/// <summary>In a sandbox that refuses what steering needs; everything works without.</summary>
public sealed class SandboxTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly LogBook _log = new();

    public SandboxTests() => KernelSteering.Require();

    [Fact]
    public void Where_programs_are_refused_that_is_told_once_and_the_kernel_chooses_among_all() =>
        PrivateThread.Without(PrivateThread.Steering, () =>
        {
            using PoolSockets sockets = Open(2);
            Assert.Contains("EPERM", sockets.Steer([0, 1]), StringComparison.Ordinal);
            Assert.Null(sockets.Steer([1, 0]));
            Assert.Contains("EPERM", sockets.Endpoints[0].SteeringRefusal, StringComparison.Ordinal);
            sockets.GrowTo(3);
            Assert.Equal(3, Peer.Spread(Peer.All(sockets.Endpoints[0]), 100).Count);
            Assert.Null(sockets.Steer([1, 1, 1]));
            Assert.Null(sockets.Endpoints[0].SteeringRefusal);
        });

    [Fact]
    public void Where_nobody_tells_of_handshakes_the_wait_is_fixed_and_that_is_told_once() =>
        PrivateThread.Without(PrivateThread.Netlink, () =>
        {
            using PoolSockets sockets = Open(2);

            Assert.Equal(HandshakesInFlight.BlindWait, WaitOf(sockets, Patience));
            Assert.InRange(WaitOf(sockets, TimeSpan.FromMilliseconds(30)), TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(30));

            string warning = Assert.Single(_log.Lines, line => line.Contains("Warning", StringComparison.Ordinal));
            Assert.Contains("socket(NETLINK_SOCK_DIAG) failed: EPERM", warning, StringComparison.Ordinal);
        });

    public void Dispose() => _log.Dispose();

    private static TimeSpan WaitOf(PoolSockets sockets, TimeSpan limit)
    {
        AwaitedTime time = new();
        Task<int> settled = sockets.WhenHandshakesSettledAsync(0, limit, time, CancellationToken.None);
        Assert.True(settled.Wait(Patience));
        Assert.Equal(0, settled.Result);
        return time.Waiting.Result;
    }

    private PoolSockets Open(int slots) => PoolSockets.Open([ListenEndpoint.Parse("http", "127.0.0.1:0")], slots, _log);
}
