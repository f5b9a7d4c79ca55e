using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using WorkerPool.Sockets;

namespace WorkerPool;

/// <summary>A connected stream socket, accepted or connected, as a pair of pipes.</summary>
/// <remarks>
/// <para>The two directions end apart from each other:</para>
/// <list type="bullet">
/// <item>The peer's end of sending (FIN) completes <see cref="Input"/>, after all bytes that came before it.</item>
/// <item>
/// Completing <see cref="Output"/> sends what was written, and then the end of sending. Completing it with an exception
/// aborts the connection: a cut message must not look like a whole one.
/// </item>
/// <item>
/// If the connection fails (the peer resets it, say) or is aborted, reading <see cref="Input"/> throws an
/// <see cref="IOException"/>, and <c>FlushAsync</c> of <see cref="Output"/> reports that it is completed.
/// </item>
/// <item>
/// When both are done, the socket is closed. If the peer has not ended by then, the socket stays a little (see
/// <see cref="SocketConnectionOptions.LingerTimeout"/>) and discards what the peer still sends: closing at once would
/// reset the connection, and the reset could overtake the last output.
/// </item>
/// </list>
/// <para>
/// While no bytes arrive, no buffer is held. Each of <see cref="Input"/> and <see cref="Output"/> is for one user at a
/// time; <see cref="Abort"/> may be called by anybody at any time.
/// </para>
/// </remarks>
[SuppressMessage("Design", "CA1001", Justification = "The token sources hold no handle and no running timer when the connection is closed.")]
public sealed partial class SocketConnection : IDuplexPipe, IAsyncDisposable
{
    // What one call receives at most; a quarter of the default threshold.
    private const int ReceiveSize = 16_384;

    private readonly Socket _socket;
    private readonly SocketConnectionOptions _options;
    private readonly Pipe _input;
    private readonly Pipe _output;
    private readonly Task _sending;
    private readonly CancellationTokenSource _stop;
    private IOException? _failure;
    private bool _resetOnClose;
    private bool _disposed;

    /// <summary>Starts to receive from a socket and to send to it.</summary>
    /// <param name="socket">A connected stream socket; owned by the connection from now on.</param>
    /// <param name="options">The settings; <see langword="null"/>: the defaults.</param>
    /// <exception cref="ArgumentException">It is not a stream socket.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    public SocketConnection(Socket socket, SocketConnectionOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(socket);
        if (socket.SocketType != SocketType.Stream)
        {
            throw new ArgumentException($"The socket is of type {socket.SocketType}; needed is Stream.", nameof(socket));
        }

        _options = options ?? SocketConnectionOptions.Default;
        _options.Validate();
        _socket = socket;
        LocalEndPoint = Ask(socket, static socket => socket.LocalEndPoint);
        RemoteEndPoint = Ask(socket, static socket => socket.RemoteEndPoint);
        _stop = new CancellationTokenSource(Timeout.InfiniteTimeSpan, _options.TimeProvider);

        _input = CreatePipe(PipeScheduler.ThreadPool);

        // Sending never blocks, so it may run on the thread that flushes.
        _output = CreatePipe(PipeScheduler.Inline);
        Input = new NotifyingPipeReader(_input.Reader, StopReceiving);
        _sending = SendAllAsync();
        Completed = CloseWhenDoneAsync(ReceiveAllAsync());
    }

    /// <summary>What the peer sends.</summary>
    public PipeReader Input { get; }

    /// <summary>What is sent to the peer.</summary>
    public PipeWriter Output => _output.Writer;

    /// <summary>This side's address; <see langword="null"/> if the connection was gone before it could be asked for.</summary>
    public EndPoint? LocalEndPoint { get; }

    /// <summary>The peer's address; <see langword="null"/> if the connection was gone before it could be asked for.</summary>
    public EndPoint? RemoteEndPoint { get; }

    /// <summary>Ends when the socket is closed, however that came about; never fails.</summary>
    public Task Completed { get; }

    /// <summary>
    /// Ends the connection at once, in both directions; output that was not sent is lost. A TCP peer gets a reset (RST).
    /// Thread-safe; does nothing if the connection has ended. <see cref="Completed"/> tells when it is done.
    /// </summary>
    public void Abort() => AbortBecause("The connection was aborted by this side.");

    /// <summary>
    /// Gives up <see cref="Input"/>, completes <see cref="Output"/>, and waits until the kernel has taken all that was
    /// written. If the peer takes nothing for <see cref="SocketConnectionOptions.LingerTimeout"/>, the connection is aborted.
    /// Nobody may be using <see cref="Input"/> or <see cref="Output"/> any more. The socket is closed a little later, see
    /// <see cref="Completed"/>.
    /// </summary>
    /// <returns>A task that never fails.</returns>
    public async ValueTask DisposeAsync()
    {
        if (!Interlocked.Exchange(ref _disposed, true))
        {
            await Input.CompleteAsync().ConfigureAwait(false);
            RestartPatience();
            await Output.CompleteAsync().ConfigureAwait(false);
        }

        await _sending.ConfigureAwait(false);
    }

    private async Task CloseWhenDoneAsync(Task receiving)
    {
        await receiving.ConfigureAwait(false);
        await _sending.ConfigureAwait(false);
        if (!_peerFinished && _failure is null)
        {
            await LingerAsync().ConfigureAwait(false);
        }

        _stop.CancelAfter(Timeout.InfiniteTimeSpan);
        Close();
    }

    private void Close()
    {
        try
        {
            if (_resetOnClose)
            {
                _socket.LingerState = new LingerOption(enable: true, seconds: 0);
            }
        }
        catch (SocketException)
        {
            // The peer has reset the connection already.
        }

        _socket.Dispose();
    }

    private void AbortBecause(string reason)
    {
        _resetOnClose = true;
        Fail(new IOException(reason));
    }

    // Ends all that this connection waits for.
    private void Fail(IOException failure)
    {
        Interlocked.CompareExchange(ref _failure, failure, null);
        _stop.Cancel();
        _stopReceiving.Cancel();
        _output.Reader.CancelPendingRead();
        _input.Writer.CancelPendingFlush();
    }

    // From a dispose on, the peer has this long for the next piece of output.
    private void RestartPatience()
    {
        if (_disposed && !_stop.IsCancellationRequested)
        {
            _stop.CancelAfter(_options.LingerTimeout);
        }
    }

    private Pipe CreatePipe(PipeScheduler readerScheduler) => new(new PipeOptions(
        readerScheduler: readerScheduler,
        writerScheduler: PipeScheduler.ThreadPool,
        pauseWriterThreshold: _options.PauseThreshold,
        resumeWriterThreshold: _options.ResumeThreshold,
        minimumSegmentSize: ReceiveSize,
        useSynchronizationContext: false));

    private static EndPoint? Ask(Socket socket, Func<Socket, EndPoint?> ask)
    {
        try
        {
            return ask(socket);
        }
        catch (SocketException)
        {
            return null;
        }
    }
}
