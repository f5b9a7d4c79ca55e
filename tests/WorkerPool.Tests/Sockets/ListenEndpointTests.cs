using System.Net;
using System.Net.Sockets;
using Xunit;

namespace WorkerPool.Tests.Sockets;

public sealed class ListenEndpointTests
{
    [Theory]
    [InlineData("0.0.0.0:8080", "0.0.0.0", 8080)]
    [InlineData("127.0.0.1:0", "127.0.0.1", 0)]
    [InlineData("127.0.0.1:65535", "127.0.0.1", 65535)]
    [InlineData("[::1]:8080", "::1", 8080)]
    [InlineData("[::]:80", "::", 80)]
    [InlineData("[2001:DB8:0:0::1]:443", "2001:db8::1", 443)]
    [InlineData("[fe80::1%7]:80", "fe80::1%7", 80)]
    public void An_IP_address_and_a_port_are_an_endpoint(string text, string address, int port)
    {
        ListenEndpoint endpoint = ListenEndpoint.Parse("http", text);

        Assert.Equal(new IPEndPoint(IPAddress.Parse(address), port), endpoint.EndPoint);
        Assert.False(endpoint.DualStack);
        Assert.Equal(text, endpoint.Address);
        Assert.Equal($"http ({text})", endpoint.ToString());
    }

    [Fact]
    public void A_star_means_IPv6_and_IPv4()
    {
        ListenEndpoint endpoint = ListenEndpoint.Parse("http", "*:8080");

        Assert.Equal(new IPEndPoint(IPAddress.IPv6Any, 8080), endpoint.EndPoint);
        Assert.True(endpoint.DualStack);
    }

    [Fact]
    public void An_interface_is_named_after_a_percent_sign()
    {
        ListenEndpoint endpoint = ListenEndpoint.Parse("http", "[fe80::1%lo]:80");

        Assert.Equal(1, Assert.IsType<IPEndPoint>(endpoint.EndPoint).Address.ScopeId); // lo is always the first
    }

    [Theory]
    [InlineData("unix:/run/app.sock", "/run/app.sock")]
    [InlineData("unix:/run/with space:and colon.sock", "/run/with space:and colon.sock")]
    [InlineData("unix:@app", "\0app")]
    public void A_Unix_path_and_an_abstract_name_are_endpoints(string text, string path)
    {
        EndPoint endPoint = ListenEndpoint.Parse("http", text).EndPoint;

        Assert.Equal(new UnixDomainSocketEndPoint(path), endPoint);
    }

    [Theory]
    [InlineData("systemd:web", "web")]
    [InlineData("systemd:proxy@1.socket", "proxy@1.socket")]
    public void Sockets_of_systemd_have_a_name(string text, string name)
    {
        ListenEndpoint endpoint = ListenEndpoint.Parse("http", text);
        Assert.Equal(new SystemdEndPoint(name), endpoint.EndPoint);
        Assert.Equal(text, endpoint.EndPoint.ToString());
    }

    [Theory]
    [InlineData("", "Expected an address")]
    [InlineData("8080", "*:8080")]
    [InlineData(":8080", "*:8080")]
    [InlineData("127.0.0.1", "port is missing")]
    [InlineData("[::1]", "port is missing")]
    [InlineData("127.0.0.1:", "not a port")]
    [InlineData("127.0.0.1:65536", "0 to 65535")]
    [InlineData("127.0.0.1:-1", "not a port")]
    [InlineData("127.0.0.1:+1", "not a port")]
    [InlineData("127.0.0.1: 80", "not a port")]
    [InlineData("127.0.0.1:8o", "\"8o\" is not a port")]
    [InlineData("127.1:80", "four decimal parts")]
    [InlineData("010.0.0.1:80", "four decimal parts")]
    [InlineData("1.2.3.4.5:80", "four decimal parts")]
    [InlineData(" 127.0.0.1:80", "four decimal parts")]
    [InlineData("localhost:80", "Host names are not looked up")]
    [InlineData("http://127.0.0.1:80", "brackets")]
    [InlineData("::1:8080", "brackets")]
    [InlineData("[127.0.0.1]:80", "not an IPv6 address")]
    [InlineData("[]:80", "not an IPv6 address")]
    [InlineData("[[::1]]:80", "not an IPv6 address")]
    [InlineData("[::1]80:80", "brackets")]
    [InlineData("[::ffff:1.2.3.4]:80", "1.2.3.4")]
    [InlineData("[fe80::1]:80", "needs its interface")]
    [InlineData("[fe80::1%no-such-card]:80", "no-such-card")]
    [InlineData("unix:", "unix:/path")]
    [InlineData("unix:@", "unix:@name")]
    [InlineData("unix:app.sock", "absolute path")]
    [InlineData("unix:/run/", "not of a directory")]
    [InlineData("unix:/a\0b", "NUL")]
    [InlineData("systemd:", "FileDescriptorName=")]
    [InlineData("systemd:a:b", "without colon")]
    [InlineData("systemd:ä", "printable ASCII")]
    public void Everything_else_is_refused_with_advice(string text, string advice)
    {
        FormatException exception = Assert.Throws<FormatException>(() => ListenEndpoint.Parse("http", text));

        Assert.Contains($"\"{text}\"", exception.Message, StringComparison.Ordinal);
        Assert.Contains(advice, exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("unix:/", 106)]
    [InlineData("unix:@", 107)]
    public void A_Unix_address_may_have_107_bytes(string prefix, int fill)
    {
        ListenEndpoint.Parse("http", prefix + new string('a', fill));

        string tooLong = prefix + new string('a', fill - 1) + "é"; // one character, two bytes
        FormatException exception = Assert.Throws<FormatException>(() => ListenEndpoint.Parse("http", tooLong));
        Assert.Contains("108 bytes", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a:b")]
    [InlineData("a b")]
    [InlineData("ä")]
    [InlineData("a\n")]
    public void A_name_that_LISTEN_FDNAMES_cannot_carry_is_refused(string name)
    {
        ArgumentException exception = Assert.Throws<ArgumentException>(nameof(name), () => ListenEndpoint.Parse(name, "*:80"));
        Assert.Contains($"\"{name}\"", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_has_at_most_255_characters()
    {
        Assert.Equal(255, ListenEndpoint.Parse(new string('a', 255), "*:80").Name.Length);
        Assert.Throws<ArgumentException>("name", () => ListenEndpoint.Parse(new string('a', 256), "*:80"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(65536)]
    public void A_backlog_out_of_range_is_refused(int backlog)
    {
        ListenEndpoint endpoint = ListenEndpoint.Parse("http", "*:80");

        Assert.Throws<ArgumentOutOfRangeException>(() => endpoint.Backlog = backlog);
        Assert.Equal(4096, endpoint.Backlog);
    }

    [Fact]
    public void A_mode_with_more_than_permissions_is_refused()
    {
        ListenEndpoint endpoint = ListenEndpoint.Parse("http", "unix:/run/app.sock");

        Assert.Throws<ArgumentOutOfRangeException>(() => endpoint.UnixMode = UnixFileMode.SetUser | UnixFileMode.UserRead);
        Assert.Equal("660", Convert.ToString((int)endpoint.UnixMode, 8));
    }
}
