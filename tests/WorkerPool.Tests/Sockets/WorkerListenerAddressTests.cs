using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using WorkerPool.Sockets;
using Xunit;

namespace WorkerPool.Tests.Sockets;

public class WorkerListenerAddressTests
{
    public static TheoryData<string> UnixNames => ["\0workerpool-test-" + Guid.NewGuid(), Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N"))];

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public async Task An_IP_address_is_told_with_the_port_that_the_system_chose(string address)
    {
        Assert.SkipUnless(address == "127.0.0.1" || Socket.OSSupportsIPv6, "no IPv6 here");
        using TestListener master = new(new IPEndPoint(IPAddress.Parse(address), 0));
        WorkerListener listener = Inherit(master);

        IPEndPoint local = Assert.IsType<IPEndPoint>(listener.LocalEndPoint);

        Assert.Equal(IPAddress.Parse(address), local.Address);
        Assert.NotEqual(0, local.Port);
        await ServeOneAsync(master, listener);
    }

    [Theory]
    [MemberData(nameof(UnixNames))]
    public async Task A_Unix_address_is_told_and_its_queue_can_be_taken(string name)
    {
        UnixDomainSocketEndPoint address = new(name);
        using TestListener master = new(address);
        WorkerListener listener = Inherit(master);

        Assert.Equal(address, listener.LocalEndPoint);
        await ServeOneAsync(master, listener);

        using Socket waiting = master.Connect();
        listener.Stop(takeQueue: true);
        using Socket? taken = await listener.AcceptAsync();
        Assert.NotNull(taken);
        Assert.Null(await listener.AcceptAsync());
        File.Delete(name.TrimStart('\0'));
    }

    private static WorkerListener Inherit(TestListener master)
    {
        WorkerListener listener = new("test", master.Inherit(), new ConnectionTracker(), NullLogger.Instance, TimeProvider.System);
        listener.Open();
        return listener;
    }

    private static async Task ServeOneAsync(TestListener master, WorkerListener listener)
    {
        using Socket client = master.Connect();
        using Socket? socket = await listener.AcceptAsync();
        await socket!.SendAsync("x"u8.ToArray());
        Assert.Equal(1, await client.ReceiveAsync(new byte[1]));
    }
}
