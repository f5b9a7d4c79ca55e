using System.Net;
using System.Net.Sockets;
using WorkerPool.Sockets;
using Xunit;
using static Tmds.Linux.LibC;

namespace WorkerPool.Tests.Sockets;

public sealed class ListenFailureTests
{
    [Fact]
    public void A_privileged_port_is_explained()
    {
        SystemCallException exception = ListenFailure.Of("bind", new IPEndPoint(IPAddress.Any, 0), EACCES);

        Assert.Equal("bind(0.0.0.0:0)", exception.Call);
        Assert.Equal(EACCES, exception.ErrorNumber);
        string first = File.ReadAllText("/proc/sys/net/ipv4/ip_unprivileged_port_start").Trim();
        Assert.Contains(first == "0" ? "security module" : $"below {first}: run with CAP_NET_BIND_SERVICE", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_denial_for_another_port_is_not_blamed_on_the_port() =>
        Assert.Contains("security module", ListenFailure.Of("bind", new IPEndPoint(IPAddress.Any, 65535), EACCES).Message, StringComparison.Ordinal);

    [Fact]
    public void A_denial_for_a_path_is_blamed_on_its_directory() =>
        Assert.Contains("directory", ListenFailure.Of("bind", new UnixDomainSocketEndPoint("/run/app.sock"), EACCES).Message, StringComparison.Ordinal);

    [Fact]
    public void An_address_in_use_by_nobody_knows_whom_is_named_all_the_same() =>
        Assert.Contains("Another process listens on unix:/none/app.sock already",
            ListenFailure.Of("bind", new UnixDomainSocketEndPoint("/none/app.sock"), EADDRINUSE).Message, StringComparison.Ordinal);

    [Fact]
    public void An_abstract_address_is_shown_with_its_at_sign() =>
        Assert.Equal("unix:@app", AddressText.Format(new UnixDomainSocketEndPoint("\0app")));
}
