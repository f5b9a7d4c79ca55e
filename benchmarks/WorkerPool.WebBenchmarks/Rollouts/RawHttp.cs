using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace WorkerPool.WebBenchmarks.Rollouts;

/// <summary>One connection of HTTP/1.1, on which nothing is ever tried again.</summary>
internal sealed class RawHttp : IDisposable
{
    private readonly byte[] _buffer = new byte[8192];
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

    /// <summary>Whether the server has ended its side, as a client looks before it uses a connection again.</summary>
    public bool HasEnded => _socket.Poll(0, SelectMode.SelectRead);

    public Task ConnectAsync(IPEndPoint server, CancellationToken cancellationToken) => _socket.ConnectAsync(server, cancellationToken).AsTask();

    /// <summary>Sends a request and takes the whole answer.</summary>
    /// <returns>Whether the connection may be used again.</returns>
    /// <exception cref="IOException">The connection ended before the answer did, or the answer is not 200.</exception>
    /// <exception cref="SocketException">It was reset.</exception>
    public async Task<bool> AskAsync(ReadOnlyMemory<byte> request, CancellationToken cancellationToken)
    {
        await _socket.SendAsync(request, cancellationToken);
        int length = 0;
        int head;
        while ((head = _buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8)) < 0)
        {
            length += await ReceiveAsync(length, cancellationToken);
        }

        string text = Encoding.ASCII.GetString(_buffer, 0, head);
        if (!text.StartsWith("HTTP/1.1 200 ", StringComparison.Ordinal))
        {
            throw new IOException($"the answer is {text.Split('\r')[0]}");
        }

        int whole = head + 4 + ContentLength(text);
        while (length < whole)
        {
            length += await ReceiveAsync(length, cancellationToken);
        }

        return !text.Contains("\r\nConnection: close", StringComparison.OrdinalIgnoreCase);
    }

    public void Dispose() => _socket.Dispose();

    private async Task<int> ReceiveAsync(int offset, CancellationToken cancellationToken)
    {
        int count = await _socket.ReceiveAsync(_buffer.AsMemory(offset), cancellationToken);
        return count > 0 ? count : throw new IOException(offset == 0 ? "the connection ended instead of an answer" : "the connection ended within an answer");
    }

    private static int ContentLength(string head)
    {
        const string Name = "\r\nContent-Length: ";
        int start = head.IndexOf(Name, StringComparison.OrdinalIgnoreCase) + Name.Length;
        int end = head.IndexOf('\r', start);
        return int.Parse(head.AsSpan(start, (end < 0 ? head.Length : end) - start), CultureInfo.InvariantCulture);
    }
}
