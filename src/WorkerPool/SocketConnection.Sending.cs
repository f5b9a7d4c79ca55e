using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using System.Net.Sockets;

namespace WorkerPool;

public sealed partial class SocketConnection
{
    private SocketError _sendError;
    private volatile bool _inSend;

    // Ends when all was sent and the peer was told so, or when that cannot be any more; never fails.
    [SuppressMessage("Design", "CA1031", Justification = "Whatever the user completed the output with comes out of ReadAsync.")]
    private async Task SendAllAsync()
    {
        try
        {
            while (await SendNextAsync(_output.Reader).ConfigureAwait(false))
            {
            }

            FinishSending();
        }
        catch (SocketException exception)
        {
            // Not a failure of the input: what the peer sent before can still be read, and ends as it ends.
            _sendError = exception.SocketErrorCode;
            _inSend = false;
        }
        catch (OperationCanceledException) when (_failure is not null)
        {
            // By Fail.
        }
        catch (OperationCanceledException)
        {
            AbortBecause($"The peer took no output for {_options.LingerTimeout.TotalSeconds} s after the connection was disposed.");
        }
        catch (Exception exception)
        {
            AbortBecause($"The output was completed with an exception: {exception.Message}");
        }

        await _output.Reader.CompleteAsync().ConfigureAwait(false);
    }

    // False: there is no more.
    private async ValueTask<bool> SendNextAsync(PipeReader output)
    {
        ReadResult result = await output.ReadAsync().ConfigureAwait(false);
        if (result.IsCanceled)
        {
            throw new OperationCanceledException();
        }

        foreach (ReadOnlyMemory<byte> segment in result.Buffer)
        {
            _inSend = true;
            await _socket.SendAsync(segment, SocketFlags.None, _stop.Token).ConfigureAwait(false);
            _inSend = false;
            RestartPatience();
        }

        output.AdvanceTo(result.Buffer.End);
        return !result.IsCompleted;
    }

    private void FinishSending()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.NotConnected)
        {
            // The peer has reset the connection; the input tells.
        }
    }
}
