using System.Net;
using WorkerPool.Sockets.Activation;
using Xunit;

namespace WorkerPool.Tests.Sockets;

public sealed class StoredGroupTests
{
    private static readonly IPEndPoint Address = new(IPAddress.Loopback, 80);

    [Theory]
    [InlineData("http", 0, "workerpool.http.0")]
    [InlineData("a.b-c_d", 1023, "workerpool.a.b-c_d.1023")]
    [InlineData("7", 7, "workerpool.7.7")]
    public void A_name_has_endpoint_and_slot(string endpoint, int slot, string name)
    {
        Assert.Equal(name, StoredName.Of(endpoint, slot));
        Assert.True(StoredName.TryRead(name, out string? readEndpoint, out int readSlot));
        Assert.Equal((endpoint, slot), (readEndpoint, readSlot));
        Assert.True(SystemdEndPoint.IsValid(StoredName.Of(new string('x', StoredName.MaxEndpointLength), PoolOptions.MaxWorkerCount - 1)));
    }

    [Theory]
    [InlineData("http")]
    [InlineData("workerpool.")]
    [InlineData("workerpool.http")]
    [InlineData("workerpool..0")]
    [InlineData("workerpool.http.-1")]
    [InlineData("workerpool.http.x")]
    [InlineData("Workerpool.http.0")]
    [InlineData("workerpool.http.0.")]
    public void Other_names_are_not_ours(string name) => Assert.False(StoredName.TryRead(name, out _, out _));

    [Fact]
    public void Sockets_in_a_group_at_the_address_of_the_endpoint_can_be_used()
    {
        Assert.Null(StoredGroup.WhyUseless([Stored(0), Stored(1), Stored(3)], [], Address, dualStack: false));
        Assert.Null(StoredGroup.WhyUseless([Stored(0), Stored(1)], [], new IPEndPoint(IPAddress.Loopback, 0), dualStack: false));
        Assert.Null(StoredGroup.WhyUseless([Stored(0), Stored(1)], [100], Address, dualStack: false));
        Assert.Null(StoredGroup.WhyUseless([], [], Address, dualStack: false));
        Assert.Null(StoredGroup.WhyUseless([], [100], Address, dualStack: false));
    }

    [Fact]
    public void Others_cannot()
    {
        Assert.Contains("127.0.0.1:81 now", Why([Stored(0)], [], new IPEndPoint(IPAddress.Loopback, 81)), StringComparison.Ordinal);
        Assert.Contains("0.0.0.0:80 now", Why([Stored(0)], [], new IPEndPoint(IPAddress.Any, 80)), StringComparison.Ordinal);
        Assert.NotNull(StoredGroup.WhyUseless([Stored(0)], [], Address, dualStack: true));
        (int, PassedSocketCheck) elsewhere = (1, Stored(1).Check with { Address = new IPEndPoint(IPAddress.Loopback, 82) });
        Assert.Contains("It listens on 127.0.0.1:82", Why([Stored(0), elsewhere], [], new IPEndPoint(IPAddress.Loopback, 0)), StringComparison.Ordinal);
        Assert.Contains("not in a group", Why([Stored(0), (1, Stored(1).Check with { ReusePort = false })], [], Address), StringComparison.Ordinal);
    }

    [Fact]
    public void The_sockets_that_the_manager_opened_must_still_be_the_first()
    {
        Assert.Contains("anew", Why([Stored(0), Stored(1)], [999], Address), StringComparison.Ordinal);
        Assert.Contains("anew", Why([Stored(1)], [100], Address), StringComparison.Ordinal);
        Assert.Contains("anew", Why([Stored(0), Stored(1)], [100, 999], Address), StringComparison.Ordinal);
    }

    private static string? Why((int, PassedSocketCheck)[] stored, ulong[] activated, IPEndPoint address) =>
        StoredGroup.WhyUseless(stored, activated, address, dualStack: false);

    private static (int Slot, PassedSocketCheck Check) Stored(int slot) => (slot, new PassedSocketCheck(Address, 100 + (ulong)slot, ReusePort: true, DualStack: false));
}
