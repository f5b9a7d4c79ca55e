using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging.Abstractions;
using WorkerPool.FunctionalTests.Support;
using WorkerPool.Interop;
using WorkerPool.Runtime;
using WorkerPool.Sockets;
using Xunit;
using static Tmds.Linux.LibC;

namespace WorkerPool.FunctionalTests.Sockets;

/// <summary>At the limit of open files. Nothing may run beside these: the limit is the whole process's.</summary>
[Collection(nameof(AtTheLimitOfOpenFiles))]
public sealed partial class DescriptorLimitTests
{
    [Fact]
    public void A_pool_that_cannot_open_all_sockets_opens_none_and_says_why()
    {
        string address = Peer.UniqueAddress(Peer.UniquePort());

        SystemCallException exception = WithFreeDescriptors(3,
            () => Assert.Throws<SystemCallException>(() => Open(address, 10).Dispose()));

        Assert.Equal(EMFILE, exception.ErrorNumber);
        Assert.Contains("ulimit -n", exception.Message, StringComparison.Ordinal);
        using EndpointSockets sockets = Open(address, 10); // nobody listens there
    }

    [Fact]
    public void A_pool_that_cannot_grow_stays_as_it_was()
    {
        KernelSteering.Require();
        using EndpointSockets sockets = Open("127.0.0.1:0", 2);
        Assert.True(sockets.Steer([1, 1]));

        WithFreeDescriptors(3, () => Assert.Throws<SystemCallException>(() => sockets.GrowTo(10)));

        Assert.Equal(2, sockets.SlotCount);
        Assert.False(Peer.RemoveProgram(sockets.Get(0)), "The program that growing needs is still there.");
        Assert.Equal(2, Peer.Spread(Peer.All(sockets), 60).Count);
        sockets.GrowTo(10);
        Assert.Equal([0, 1], Peer.Spread(Peer.All(sockets), 60).Keys.Order());
    }

    [Fact]
    public void A_pool_of_which_only_one_endpoint_could_grow_stays_as_it_was()
    {
        using PoolSockets sockets = PoolSockets.Open(
            [ListenEndpoint.Parse("one", "127.0.0.1:0"), ListenEndpoint.Parse("two", "127.0.0.1:0")], 2, NullLogger.Instance);

        WithFreeDescriptors(4, () => Assert.Throws<SystemCallException>(() => sockets.GrowTo(5))); // three for the first endpoint

        Assert.Equal(2, sockets.SlotCount);
        Assert.All(sockets.Endpoints, endpoint =>
        {
            Assert.Equal(2, endpoint.SlotCount);
            Assert.False(Peer.RemoveProgram(endpoint.Get(0)), "The program that growing needs is still there.");
            Assert.Equal(2, Peer.Spread(Peer.All(endpoint), 60).Count);
        });
    }

    [Fact]
    public void A_descriptor_for_which_there_is_no_room_waits_in_the_channel()
    {
        (DescriptorChannel master, Descriptor end) = DescriptorChannel.CreatePair();
        using DescriptorChannel worker = new(end);
        using (master)
        {
            Assert.Equal(SendResult.Sent, master.TrySend(5, end));

            ReceiveResult result = WithFreeDescriptors(0, () => worker.TryReceive(out _, out _));

            Assert.Equal(ReceiveResult.NoRoom, result);
            Assert.Equal(ReceiveResult.Received, worker.TryReceive(out int index, out Descriptor? copy));
            copy!.Dispose();
            Assert.Equal(5, index);
        }
    }

    private static unsafe T WithFreeDescriptors<T>(int count, Func<T> act)
    {
        ResourceLimit before;
        SystemCall.Check(getrlimit(RLIMIT_NOFILE, &before), "getrlimit");
        int lowestFree = SystemCall.Check(dup(0), "dup");
        SystemCall.Check(close(lowestFree), "close");
        ResourceLimit low = new() { rlim_cur = (nuint)(lowestFree + count), rlim_max = before.rlim_max };
        SystemCall.Check(setrlimit(RLIMIT_NOFILE, &low), "setrlimit");
        try
        {
            return act();
        }
        finally
        {
            SystemCall.Check(setrlimit(RLIMIT_NOFILE, &before), "setrlimit");
        }
    }

    private static EndpointSockets Open(string address, int slots) =>
        EndpointSockets.Open(ListenEndpoint.Parse("http", address), slots);

    private const int RLIMIT_NOFILE = 7;

    private struct ResourceLimit
    {
        public nuint rlim_cur;
        public nuint rlim_max;
    }

    [DllImport("libc.so.6", SetLastError = true)]
    private static extern unsafe int getrlimit(int resource, ResourceLimit* value);

    [DllImport("libc.so.6", SetLastError = true)]
    private static extern unsafe int setrlimit(int resource, ResourceLimit* value);
}

[CollectionDefinition(nameof(AtTheLimitOfOpenFiles), DisableParallelization = true)]
public sealed class AtTheLimitOfOpenFiles;
