using System.IO.Pipelines;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using WorkerPool.Interop;
using static Tmds.Linux.LibC;

namespace WorkerPool.Control;

/// <summary>
/// One end of the stream of messages between master and worker. Its end, for whatever reason, tells the peer that this
/// process is gone. Sending is thread-safe; one reader at a time.
/// </summary>
/// <remarks>
/// A message leaves at once, into the kernel's buffer. Only when the peer is behind by that whole buffer do bytes wait
/// here, no more than <see cref="MaxUnsent"/>: a peer that does not read can neither block its sender nor make it grow.
/// </remarks>
internal sealed partial class ControlChannel : IAsyncDisposable
{
    private readonly Socket _socket;
    private readonly PipeReader _input;
    private bool _disposed;

    /// <param name="descriptor">The caller's own end of a pair, of which no other process has a copy; taken over.</param>
    /// <exception cref="SystemCallException">It is not open.</exception>
    /// <exception cref="SocketException">It is not a socket.</exception>
    public ControlChannel(Descriptor descriptor)
    {
        // A child that inherits the channel would keep it open when this process is gone.
        SystemCall.Check(fcntl(descriptor.Number, F_SETFD, FD_CLOEXEC), $"fcntl({descriptor.Number}, F_SETFD)");

#pragma warning disable RS0030 // Not a listener but a private end of a pair: no other process shares its description.
        SafeSocketHandle handle = new(descriptor.Number, ownsHandle: true);
#pragma warning restore RS0030
        descriptor.SetHandleAsInvalid();
        try
        {
            _socket = new Socket(handle);
            _input = PipeReader.Create(new NetworkStream(_socket, ownsSocket: false));
            _socket.Blocking = false;
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>Connects a channel for the master with a descriptor to be given to a worker. Both close on exec.</summary>
    /// <exception cref="SystemCallException">socketpair(2) failed.</exception>
    public static unsafe (ControlChannel Master, Descriptor Worker) CreatePair()
    {
        int* ends = stackalloc int[2];
        SystemCall.Check(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), "socketpair(AF_UNIX, SOCK_STREAM)");
        Descriptor worker = new(ends[1]);
        try
        {
            return (new ControlChannel(new Descriptor(ends[0])), worker);
        }
        catch
        {
            worker.Dispose();
            throw;
        }
    }

    /// <summary>
    /// What the peer says, until it is gone or this channel is disposed. Enumerating can be given up after any message,
    /// and taken up again with the next.
    /// </summary>
    /// <exception cref="ProtocolViolationException">The peer broke the protocol.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async IAsyncEnumerable<ControlMessage> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await using ConfiguredCancelableAsyncEnumerable<ControlMessage>.Enumerator messages =
            ControlMessageReader.ReadAllAsync(_input, cancellationToken).ConfigureAwait(false).GetAsyncEnumerator();
        while (await MoveNextAsync(messages).ConfigureAwait(false))
        {
            yield return messages.Current;
        }
    }

    /// <summary>
    /// Ends the channel; the peer still gets what the kernel holds for it, but not what waited here because it was so far behind.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, true))
        {
            return;
        }

        // Ends a pending read and a pending send before the socket goes.
        ShutDown();
        await WhenSentAsync().ConfigureAwait(false);
        _socket.Dispose();
    }

    private async ValueTask<bool> MoveNextAsync(ConfiguredCancelableAsyncEnumerable<ControlMessage>.Enumerator messages)
    {
        try
        {
            return await messages.MoveNextAsync();
        }
        catch (IOException exception) when (IsEnd(exception))
        {
            return false;
        }
        catch (ObjectDisposedException) when (_disposed)
        {
            return false;
        }
    }

    // A peer that is gone before it has read everything resets the channel, see unix(7).
    private bool IsEnd(IOException exception) =>
        exception is not ProtocolViolationException
        && (_disposed || exception.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionReset });

    private void ShutDown()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Both);
        }
        catch (SocketException)
        {
            // The peer was first, which is the same to us.
        }
    }
}
