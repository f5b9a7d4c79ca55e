using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;

namespace WorkerPool;

public sealed partial class SocketConnection
{
    private const int TcpStateOffset = 0; // linux/tcp.h, struct tcp_info: tcpi_state
    private const byte TcpClosed = 7;     // linux/tcp_states.h: TCP_CLOSE

    private readonly CancellationTokenSource _stopReceiving = new();
    private bool _peerFinished;

    // Ends when the peer has finished, the user wants no more, or the connection failed; never fails.
    private async Task ReceiveAllAsync()
    {
        try
        {
            while (await ReceiveNextAsync(_input.Writer).ConfigureAwait(false))
            {
            }
        }
        catch (SocketException exception)
        {
            Fail(Describe(exception));
        }
        catch (OperationCanceledException)
        {
            // By Fail, which has set the failure, or because the user wants no more.
        }

        await _input.Writer.CompleteAsync(_failure).ConfigureAwait(false);
    }

    // False: there is no more.
    private async ValueTask<bool> ReceiveNextAsync(PipeWriter input)
    {
        // Waits without a buffer.
        await _socket.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None, _stopReceiving.Token).ConfigureAwait(false);

        Memory<byte> buffer = input.GetMemory(ReceiveSize);
        int count = await _socket.ReceiveAsync(buffer, SocketFlags.None, _stopReceiving.Token).ConfigureAwait(false);
        if (count == 0)
        {
            await ThrowIfResetAsync().ConfigureAwait(false);
            _peerFinished = true;
            return false;
        }

        input.Advance(count);
        FlushResult result = await input.FlushAsync().ConfigureAwait(false);
        return !result.IsCompleted && !result.IsCanceled;
    }

    // The kernel tells of a reset once. If the sender was told, receiving ends as if the peer had finished.
    private async ValueTask ThrowIfResetAsync()
    {
        while (_inSend && IsTcpClosed())
        {
            await Task.Yield();
        }

        if (_sendError == SocketError.ConnectionReset)
        {
            throw new SocketException((int)SocketError.ConnectionReset);
        }
    }

    private bool IsTcpClosed()
    {
        Span<byte> information = stackalloc byte[sizeof(long)];
        try
        {
            _socket.GetRawSocketOption(Tmds.Linux.LibC.IPPROTO_TCP, Tmds.Linux.LibC.TCP_INFO, information);
            return information[TcpStateOffset] == TcpClosed;
        }
        catch (SocketException)
        {
            return false; // not TCP
        }
    }

    private void StopReceiving()
    {
        _stopReceiving.Cancel();
        _input.Writer.CancelPendingFlush();
    }

    private async Task LingerAsync()
    {
        _stop.CancelAfter(_options.LingerTimeout);
        byte[]? buffer = null;
        try
        {
            do
            {
                await _socket.ReceiveAsync(Memory<byte>.Empty, SocketFlags.None, _stop.Token).ConfigureAwait(false);
                buffer ??= ArrayPool<byte>.Shared.Rent(ReceiveSize);
            }
            while (await _socket.ReceiveAsync(buffer, SocketFlags.None, _stop.Token).ConfigureAwait(false) > 0);
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException)
        {
            // The peer has reset, or was given its time.
        }

        if (buffer is not null)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static IOException Describe(SocketException exception) =>
        exception.SocketErrorCode == SocketError.ConnectionReset
            ? new IOException("The peer reset the connection.", exception)
            : new IOException($"The connection failed: {exception.Message}", exception);
}
