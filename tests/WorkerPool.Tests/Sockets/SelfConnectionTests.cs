using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using WorkerPool.Sockets;
using Xunit;

namespace WorkerPool.Tests.Sockets;

public sealed class SelfConnectionTests
{
    private readonly ConnectionTracker _tracker = new();

    public static TheoryData<string> Addresses => ["127.0.0.1", "::1", "::", "0.0.0.0"];

    private static CancellationToken Deadline => new CancellationTokenSource(TimeSpan.FromSeconds(20)).Token;

    [Theory]
    [MemberData(nameof(Addresses))]
    public async Task A_TCP_listener_that_is_not_open_yet_gives_the_other_end_with_IP_addresses(string address)
    {
        Assert.SkipUnless(Socket.OSSupportsIPv6 || !address.Contains(':', StringComparison.Ordinal), "no IPv6 here");
        using TestListener master = new(new IPEndPoint(IPAddress.Parse(address), 0));
        WorkerListener listener = Inherit(master);

        using Socket client = await listener.ConnectToSelfAsync(Deadline);
        using Socket? accepted = await listener.AcceptAsync(Deadline);

        Assert.Equal((client.LocalEndPoint, client.RemoteEndPoint), (accepted!.RemoteEndPoint, accepted.LocalEndPoint));
        Assert.True(IPAddress.IsLoopback(Assert.IsType<IPEndPoint>(accepted.RemoteEndPoint).Address));
        accepted.NoDelay = true; // is TCP
        await AssertCarriesAsync(client, accepted);
        Assert.Equal(0, master.Waiting);
        listener.Close();
    }

    [Fact]
    public async Task A_Unix_listener_gives_a_Unix_socket()
    {
        using TestListener master = new(new UnixDomainSocketEndPoint("\0workerpool-test-" + Guid.NewGuid()));
        WorkerListener listener = Inherit(master);

        using Socket client = await listener.ConnectToSelfAsync(Deadline);
        using Socket? accepted = await listener.AcceptAsync(Deadline);

        Assert.Equal((AddressFamily.Unix, AddressFamily.Unix), (client.AddressFamily, accepted!.AddressFamily));
        await AssertCarriesAsync(client, accepted);
        listener.Close();
    }

    [Fact]
    public async Task It_is_live_and_no_client_s()
    {
        using TestListener master = new();
        WorkerListener listener = Inherit(master);

        using Socket client = await listener.ConnectToSelfAsync(Deadline);
        Assert.Equal((1, 0L), (_tracker.Live, _tracker.Accepted));
        (await listener.AcceptAsync(Deadline))!.Dispose();

        Assert.Equal((0, 0L), (_tracker.Live, _tracker.Accepted));
        listener.Close();
    }

    [Fact]
    public async Task Many_at_a_time_each_have_their_own_other_end()
    {
        using TestListener master = new();
        WorkerListener listener = Inherit(master);
        Socket[] clients = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => listener.ConnectToSelfAsync(Deadline)));
        HashSet<EndPoint> seen = [];
        foreach (Socket _ in clients)
        {
            using Socket? accepted = await listener.AcceptAsync(Deadline);
            seen.Add(accepted!.RemoteEndPoint!);
        }

        Assert.Equal(clients.Select(client => client.LocalEndPoint!).ToHashSet(), seen);
        Array.ForEach(clients, client => client.Dispose());
        listener.Close();
    }

    [Fact]
    public async Task A_listener_that_has_ended_refuses()
    {
        using TestListener master = new();
        WorkerListener listener = Inherit(master);
        listener.Stop(takeQueue: false);
        Assert.Null(await listener.AcceptAsync(Deadline));

        await Assert.ThrowsAsync<InvalidOperationException>(() => listener.ConnectToSelfAsync(Deadline));
        Assert.Equal(0, _tracker.Live);
    }

    [Fact]
    public async Task It_can_be_cancelled()
    {
        using TestListener master = new();
        WorkerListener listener = Inherit(master);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => listener.ConnectToSelfAsync(new CancellationToken(canceled: true)));
        listener.Close();
    }

    private WorkerListener Inherit(TestListener master) =>
        new("test", master.Inherit(), _tracker, NullLogger.Instance, TimeProvider.System);

    private static async Task AssertCarriesAsync(Socket client, Socket accepted)
    {
        byte[] received = new byte[5];
        await client.SendAsync("hello"u8.ToArray(), Deadline);
        Assert.Equal(5, await accepted.ReceiveAsync(received, Deadline));
        await accepted.SendAsync(received, Deadline);
        Assert.Equal(5, await client.ReceiveAsync(received, Deadline));
    }
}
