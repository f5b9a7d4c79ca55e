using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace WorkerPool.Sockets;

/// <summary>Addresses as people write them. Strict: what could be meant in two ways is refused, with advice.</summary>
internal static class AddressText
{
    // unix(7): sun_path has 108 bytes, one of them for the NUL that ends a path or begins an abstract address.
    private const int MaxUnixBytes = 107;
    private const string UnixPrefix = "unix:";

    private const string Forms =
        "Expected an address such as 0.0.0.0:8080, [::1]:8080, *:8080, unix:/run/app.sock, unix:@app or systemd:NAME.";

    /// <summary>In front of the name of a socket that the service manager passes.</summary>
    public const string SystemdPrefix = "systemd:";

    /// <exception cref="FormatException">The text is not an address.</exception>
    public static EndPoint Parse(string text, out bool dualStack)
    {
        dualStack = false;
        if (text.Length == 0)
        {
            Refuse(text, Forms);
        }

        return text.StartsWith(UnixPrefix, StringComparison.Ordinal) ? ParseUnix(text)
            : text.StartsWith(SystemdPrefix, StringComparison.Ordinal) ? ParseSystemd(text)
            : ParseIP(text, out dualStack);
    }

    public static string Format(EndPoint endPoint) =>
        endPoint is UnixDomainSocketEndPoint unix ? UnixPrefix + unix : endPoint.ToString()!;

    /// <summary>The path of the socket file; null for an abstract address and for everything that is not Unix.</summary>
    public static string? PathOf(EndPoint endPoint) =>
        endPoint is UnixDomainSocketEndPoint unix && unix.ToString() is ['/', ..] path ? path : null;

    private static SystemdEndPoint ParseSystemd(string text)
    {
        try
        {
            return new SystemdEndPoint(text[SystemdPrefix.Length..]);
        }
        catch (FormatException e)
        {
            return Refuse<SystemdEndPoint>(text, e.Message);
        }
    }

    private static UnixDomainSocketEndPoint ParseUnix(string text)
    {
        string rest = text[UnixPrefix.Length..];
        bool isAbstract = rest.StartsWith('@');
        string name = isAbstract ? rest[1..] : rest;
        if (name.Length == 0)
        {
            Refuse(text, "Expected unix:/path or unix:@name.");
        }

        if (!isAbstract && name[0] != '/')
        {
            Refuse(text, "Expected an absolute path, because workers may have another working directory.");
        }

        if (!isAbstract && name.EndsWith('/'))
        {
            Refuse(text, "Expected the path of a file, not of a directory.");
        }

        if (name.Contains('\0', StringComparison.Ordinal))
        {
            Refuse(text, "Expected a path without NUL characters.");
        }

        int bytes = Encoding.UTF8.GetByteCount(name);
        if (bytes > MaxUnixBytes)
        {
            Refuse(text, $"Its path has {Number(bytes)} bytes, the kernel allows {Number(MaxUnixBytes)} (unix(7)). Use a shorter one.");
        }

        return new UnixDomainSocketEndPoint(isAbstract ? "\0" + name : name);
    }

    private static IPEndPoint ParseIP(string text, out bool dualStack)
    {
        dualStack = false;
        int colon = text.LastIndexOf(':');
        if (colon < 0 || text.EndsWith(']'))
        {
            Refuse(text, ParsePort(text) is not null ? $"Expected an address before the port, such as *:{text}." : "The port is missing. " + Forms);
        }

        string host = text[..colon];
        int port = ParsePort(text[(colon + 1)..])
            ?? Refuse<int>(text, $"\"{text[(colon + 1)..]}\" is not a port; expected 0 to {Number(IPEndPoint.MaxPort)}.");
        if (host == "*")
        {
            dualStack = true;
            return new IPEndPoint(IPAddress.IPv6Any, port);
        }

        return new IPEndPoint(host is ['[', .., ']'] ? ParseIPv6(text, host[1..^1]) : ParseIPv4(text, host, port), port);
    }

    private static IPAddress ParseIPv4(string text, string host, int port)
    {
        if (host.Length == 0)
        {
            Refuse(text, $"The address before the port is missing; write *:{Number(port)} to listen on every address.");
        }

        if (host.Contains(':', StringComparison.Ordinal))
        {
            Refuse(text, "Put an IPv6 address into brackets, such as [::1]:8080.");
        }

        // TryParse alone would take 127.1, 0x7f000001 and 010.0.0.1 as well, the last one as octal.
        return IPAddress.TryParse(host, out IPAddress? address) && address.ToString() == host
            ? address
            : Refuse<IPAddress>(text, $"\"{host}\" is not an IPv4 address in four decimal parts. Host names are not looked up: "
                + $"write an address, such as 127.0.0.1:{Number(port)}, or *:{Number(port)} for all.");
    }

    private static IPAddress ParseIPv6(string text, string host)
    {
        if (!IPAddress.TryParse(host, out IPAddress? address) || address.AddressFamily != AddressFamily.InterNetworkV6
            || host.AsSpan().ContainsAny("[]/"))
        {
            Refuse(text, $"\"{host}\" is not an IPv6 address.");
        }

        if (address!.IsIPv4MappedToIPv6)
        {
            Refuse(text, $"Write the IPv4 address by itself: {address.MapToIPv4()}.");
        }

        bool hasScope = host.Contains('%', StringComparison.Ordinal);
        if (hasScope && address.ScopeId == 0)
        {
            Refuse(text, $"This machine has no network interface \"{host[(host.IndexOf('%', StringComparison.Ordinal) + 1)..]}\".");
        }

        return address.IsIPv6LinkLocal && !hasScope
            ? Refuse<IPAddress>(text, $"A link-local address needs its interface: [{host}%eth0].")
            : address;
    }

    private static int? ParsePort(string text) =>
        ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ushort port) ? port : null;

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    [DoesNotReturn]
    private static void Refuse(string text, string advice) => Refuse<int>(text, advice);

    [DoesNotReturn]
    private static T Refuse<T>(string text, string advice) =>
        throw new FormatException($"\"{text}\" is not an address to listen on. {advice}");
}
