using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace TcpProxy;

/// <summary>Where the proxy relays to. A host name is resolved anew for each connection. Immutable.</summary>
internal sealed class UpstreamAddress
{
    private const string UnixPrefix = "unix:";

    private readonly string _text;
    private readonly EndPoint _endPoint;

    private UpstreamAddress(string text, EndPoint endPoint)
    {
        _text = text;
        _endPoint = endPoint;
    }

    /// <summary>Reads <c>HOST:PORT</c>, <c>[IPv6]:PORT</c>, <c>unix:PATH</c> or <c>unix:@NAME</c>.</summary>
    /// <exception cref="FormatException">It is none of these.</exception>
    public static UpstreamAddress Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new UpstreamAddress(text, ParseEndPoint(text));
    }

    /// <summary>Connects.</summary>
    /// <exception cref="SocketException">The upstream does not answer, or its name is not known.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task<Socket> ConnectAsync(CancellationToken cancellationToken)
    {
        Socket socket = CreateSocket();
        try
        {
            await socket.ConnectAsync(_endPoint, cancellationToken);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>The address as it was written.</summary>
    public override string ToString() => _text;

    private Socket CreateSocket() => _endPoint switch
    {
        UnixDomainSocketEndPoint => new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified),
        IPEndPoint ip => new Socket(ip.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true },
        _ => new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true },
    };

    private static EndPoint ParseEndPoint(string text)
    {
        if (text.StartsWith(UnixPrefix, StringComparison.Ordinal))
        {
            return ParseUnix(text);
        }

        int colon = text.LastIndexOf(':');
        if (colon <= 0
            || !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port)
            || port == 0)
        {
            throw Unreadable(text);
        }

        string host = text[..colon];
        if (IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? address)
            && (address.AddressFamily == AddressFamily.InterNetwork) != host.StartsWith('['))
        {
            return new IPEndPoint(address, port);
        }

        return Uri.CheckHostName(host) == UriHostNameType.Dns ? new DnsEndPoint(host, port) : throw Unreadable(text);
    }

    private static UnixDomainSocketEndPoint ParseUnix(string text)
    {
        string path = text[UnixPrefix.Length..];
        try
        {
            return new UnixDomainSocketEndPoint(path.StartsWith('@') ? "\0" + path[1..] : path);
        }
        catch (ArgumentException)
        {
            throw Unreadable(text);
        }
    }

    private static FormatException Unreadable(string text) => new(
        $"\"{text}\" is not an address to connect to. Write HOST:PORT, "
        + "such as 127.0.0.1:9000, [::1]:9000 or example.org:80, or unix:/PATH.");
}
