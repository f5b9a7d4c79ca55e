using System.Net;
using System.Net.Sockets;

namespace ZeroDowntime.Load;

/// <summary>A client's connection: sends its pattern, expects it back, byte by byte. Never tried again.</summary>
internal sealed class EchoConnection(ulong number) : IDisposable
{
    private const int BufferSize = 16_384;

    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _sendBuffer = new byte[4096];
    private long _sent;
    private volatile bool _ended;

    /// <summary>How many bytes came back and were right.</summary>
    public long Received { get; private set; }

    /// <summary>The client's port; 0 before it has one.</summary>
    public int Port { get; private set; }

    public async Task ConnectAsync(EndPoint target, CancellationToken cancellationToken)
    {
        await _socket.ConnectAsync(target, cancellationToken);
        Port = ((IPEndPoint)_socket.LocalEndPoint!).Port;
    }

    /// <summary>Sends the next bytes.</summary>
    public async Task SendAsync(int count, CancellationToken cancellationToken)
    {
        while (count > 0)
        {
            Memory<byte> part = _sendBuffer.AsMemory(0, Math.Min(count, _sendBuffer.Length));
            Pattern.Fill(part.Span, number, _sent);
            Volatile.Write(ref _sent, _sent + part.Length); // before they can come back
            await _socket.SendAsync(part, cancellationToken);
            count -= part.Length;
        }
    }

    /// <summary>Says that no more bytes follow.</summary>
    public void EndSending()
    {
        _ended = true; // before the peer can answer it
        _socket.Shutdown(SocketShutdown.Send);
    }

    /// <summary>Receives until the peer ends.</summary>
    /// <exception cref="LossException">A byte is wrong or was never sent, or the peer ended first.</exception>
    public async Task ReceiveToEndAsync(CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[BufferSize];
        int count;
        while ((count = await _socket.ReceiveAsync(buffer, cancellationToken)) > 0)
        {
            if (Received + count > Volatile.Read(ref _sent) || !Pattern.Matches(buffer.AsSpan(0, count), number, Received))
            {
                throw new LossException(LossClass.Corrupt, $"Wrong bytes after {Received} right ones.");
            }

            Received += count;
        }

        if (!_ended)
        {
            throw new LossException(LossClass.Short, $"The peer ended first, after {Received} bytes.");
        }
    }

    /// <summary>Checks, after the peer's end, that all bytes have come back.</summary>
    /// <exception cref="LossException">Bytes are missing.</exception>
    public void EnsureWhole()
    {
        if (Received != _sent)
        {
            throw new LossException(LossClass.Short, $"{_sent} bytes were sent, {Received} came back.");
        }
    }

    public void Dispose() => _socket.Dispose();
}
