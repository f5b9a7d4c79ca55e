using System.Buffers;
using System.Net.Sockets;

namespace WorkerPool.Control;

internal sealed partial class ControlChannel
{
    /// <summary>How many bytes may wait for a peer that does not read, beyond what the kernel holds for it: one full frame.</summary>
    public const int MaxUnsent = ControlFrame.HeaderSize + ControlFrame.MaxPayload;

    private readonly Lock _sendGate = new();
    private ArrayBufferWriter<byte> _unsent = new();
    private ArrayBufferWriter<byte> _inFlight = new();
    private bool _catchingUp;
    private Task _catchUp = Task.CompletedTask;
    private IOException? _sendFailure;

    /// <summary>Ends when the kernel has all that was sent so far, or the peer is gone; never fails.</summary>
    public Task WhenSentAsync()
    {
        lock (_sendGate)
        {
            return _catchUp;
        }
    }

    /// <summary>Sends a message, in order with the others; never waits for the peer.</summary>
    /// <exception cref="ProtocolViolationException">The peer has not read for so long that no more can wait for it.</exception>
    /// <exception cref="IOException">The peer is gone.</exception>
    /// <exception cref="ArgumentException">The message is larger than a frame, or has a value that the peer would refuse.</exception>
    /// <exception cref="ObjectDisposedException">This channel is disposed.</exception>
    public ValueTask SendAsync(ControlMessage message, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ArrayBufferWriter<byte> frame = new(256);
        ControlMessageWriter.Write(frame, message);
        lock (_sendGate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            ThrowIfFailed();
            SendOrKeep(frame.WrittenSpan);
            ThrowIfFailed();
        }

        return ValueTask.CompletedTask;
    }

    private void SendOrKeep(ReadOnlySpan<byte> frame)
    {
        ReadOnlySpan<byte> rest = _catchingUp ? frame : frame[SendNow(frame)..];
        int waiting = _unsent.WrittenCount + _inFlight.WrittenCount;
        if (waiting + rest.Length > MaxUnsent)
        {
            _sendFailure = new ProtocolViolationException(
                $"The peer does not read: {waiting} bytes wait for it, and at most {MaxUnsent} may.");
            return;
        }

        _unsent.Write(rest);
        if (rest.Length > 0 && !_catchingUp && _sendFailure is null)
        {
            _catchingUp = true;
            _catchUp = Task.Run(CatchUpAsync);
        }
    }

    // As much as the kernel takes.
    private int SendNow(ReadOnlySpan<byte> bytes)
    {
        int sent = 0;
        while (sent < bytes.Length)
        {
            sent += _socket.Send(bytes[sent..], SocketFlags.None, out SocketError error);
            if (error == SocketError.WouldBlock)
            {
                break;
            }

            if (error != SocketError.Success)
            {
                _sendFailure = PeerIsGone(new SocketException((int)error));
                break;
            }
        }

        return sent;
    }

    private async Task CatchUpAsync()
    {
        try
        {
            while (TakeUnsent())
            {
                await _socket.SendAsync(_inFlight.WrittenMemory).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            lock (_sendGate)
            {
                _sendFailure ??= PeerIsGone(exception);
                _catchingUp = false;
            }
        }
    }

    private bool TakeUnsent()
    {
        lock (_sendGate)
        {
            _inFlight.ResetWrittenCount();
            (_inFlight, _unsent) = (_unsent, _inFlight);
            return _catchingUp = _inFlight.WrittenCount > 0;
        }
    }

    private void ThrowIfFailed()
    {
        if (_sendFailure is ProtocolViolationException violation)
        {
            throw new ProtocolViolationException(violation.Message);
        }

        if (_sendFailure is not null)
        {
            throw new IOException(_sendFailure.Message, _sendFailure.InnerException);
        }
    }

    private static IOException PeerIsGone(Exception cause) => new($"The peer of the control channel is gone: {cause.Message}", cause);
}
