using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using WorkerPool.Interop;
using WorkerPool.Sockets;

namespace WorkerPool;

/// <summary>An endpoint, as a worker sees it: where it gets its connections from.</summary>
/// <remarks>
/// <para>
/// Connections are accepted only as fast as they are asked for. What was not asked for waits in the kernel's queue, which
/// outlives this worker: its successor serves it. So limit the work in progress simply by not asking for more.
/// </para>
/// <para>
/// The queue is left alone until <see cref="Worker.ReadyAsync(CancellationToken)"/> was called, and longer if the master
/// holds a new worker back. A loop may begin before: it gets the connections that do not come from the queue:
/// those of <see cref="ConnectToSelfAsync"/>, and those that the master passes.
/// </para>
/// <para>
/// One loop at a time may accept; all else is thread-safe. The worker ends when the connections that it accepted are
/// disposed, so dispose each of them.
/// </para>
/// </remarks>
[SuppressMessage("Design", "CA1001", Justification = "The worker closes its listeners; users must not.")]
public sealed class WorkerListener
{
    private readonly Acceptor _acceptor;
    private readonly ConnectionTracker _tracker;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;

    internal WorkerListener(
        string name, InheritedListener listener, ConnectionTracker tracker, ILogger logger, TimeProvider time, DescriptorReserve? reserve = null)
    {
        Name = name;
        LocalEndPoint = listener.LocalEndPoint;
        _tracker = tracker;
        _logger = logger;
        _time = time;
        _acceptor = new Acceptor(name, listener, tracker, nonBlocking: false, logger, time, reserve ?? DescriptorReserve.OfThisProcess());
    }

    /// <summary>The name of the endpoint, see <see cref="ListenEndpoint.Name"/>.</summary>
    public string Name { get; }

    /// <summary>
    /// The address that it listens on, with the port that the system chose if the endpoint left that to it; an
    /// <see cref="IPEndPoint"/> or a <see cref="UnixDomainSocketEndPoint"/>.
    /// </summary>
    public EndPoint LocalEndPoint { get; }

    /// <summary>All connections, until the drain begins.</summary>
    /// <remarks>
    /// Ends without an exception when the worker drains, after what it still has to take. Leaving the loop early loses no
    /// connection; a new loop goes on. When the process runs out of file descriptors or memory the loop waits, logs it
    /// once, and goes on by itself.
    /// </remarks>
    /// <param name="cancellationToken">Ends the loop with an <see cref="OperationCanceledException"/>; no connection is lost.</param>
    /// <returns>Connected sockets, each the caller's to dispose.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="InvalidOperationException">Another loop accepts from this endpoint at this moment.</exception>
    /// <exception cref="SystemCallException">The listening socket is broken; see accept(2).</exception>
    public async IAsyncEnumerable<Socket> AcceptAllAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        while (await AcceptAsync(cancellationToken).ConfigureAwait(false) is { } socket)
        {
            yield return socket;
        }
    }

    /// <summary>The next connection.</summary>
    /// <param name="cancellationToken">Ends the wait; no connection is lost.</param>
    /// <returns>A connected socket, the caller's to dispose; <see langword="null"/>: the worker drains, there will be no more.</returns>
    /// <inheritdoc cref="AcceptAllAsync" path="/exception"/>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<Socket?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            Accepted accepted = await _acceptor.AcceptAsync(cancellationToken).ConfigureAwait(false);
            if (accepted.Number == Acceptor.Ended)
            {
                return null;
            }

            AcceptedSocket socket = AcceptedSocket.Own(accepted, _tracker);
            if (socket.Connected)
            {
                return socket;
            }

            // Reset by the client while it waited in the queue; NetworkStream, for one, refuses such a socket.
            socket.Dispose();
        }
    }

    /// <summary>All connections as pairs of pipes, until the drain begins; otherwise as <see cref="AcceptAllAsync"/>.</summary>
    /// <param name="cancellationToken">Ends the loop with an <see cref="OperationCanceledException"/>; no connection is lost.</param>
    /// <returns>Connections, each the caller's to dispose.</returns>
    /// <inheritdoc cref="AcceptAllAsync" path="/exception"/>
    public async IAsyncEnumerable<SocketConnection> AcceptAllConnectionsAsync(
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        while (await AcceptAsync(cancellationToken).ConfigureAwait(false) is { } socket)
        {
            yield return new SocketConnection(socket);
        }
    }

    /// <summary>
    /// Connects this worker to itself: the other end comes out of this listener's own loop like any connection, also before
    /// the worker is ready. So a worker can go through all that it does for a client before it meets one.
    /// </summary>
    /// <remarks>
    /// For a TCP endpoint the connection is TCP over the loopback interface, with a port of its own on both sides; for a Unix
    /// endpoint a pair of Unix sockets without a name. It counts as live until its accepted end is disposed, but not in
    /// <see cref="Worker.AcceptedCount"/>. Somebody must accept, or nobody will ever answer.
    /// </remarks>
    /// <param name="cancellationToken">Gives the attempt up.</param>
    /// <returns>The client's end, connected; the caller's to dispose.</returns>
    /// <exception cref="InvalidOperationException">The listener has ended, because the worker drains.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <exception cref="SystemCallException">File descriptors, ports or memory are short.</exception>
    /// <exception cref="SocketException">The loopback interface does not work.</exception>
    public async Task<Socket> ConnectToSelfAsync(CancellationToken cancellationToken = default)
    {
        (Socket client, Descriptor accepted) =
            await SelfConnection.OpenAsync(LocalEndPoint, _logger, _time, cancellationToken).ConfigureAwait(false);
        if (_acceptor.Inject(accepted, Origin.Self))
        {
            return client;
        }

        accepted.Dispose();
        client.Dispose();
        throw new InvalidOperationException($"The listener of endpoint \"{Name}\" has ended: the worker drains.");
    }

    /// <inheritdoc cref="Acceptor.Inject"/>
    internal bool Inject(Descriptor accepted, Origin origin = Origin.Client) => _acceptor.Inject(accepted, origin);

    /// <inheritdoc cref="Acceptor.Open"/>
    internal void Open() => _acceptor.Open();

    /// <inheritdoc cref="Acceptor.Stop"/>
    internal void Stop(bool takeQueue) => _acceptor.Stop(takeQueue);

    /// <inheritdoc cref="Acceptor.Closed"/>
    internal Task Closed => _acceptor.Closed;

    /// <inheritdoc cref="Acceptor.Dispose"/>
    internal void Close() => _acceptor.Dispose();
}
