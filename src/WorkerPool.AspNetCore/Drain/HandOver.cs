using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using WorkerPool.AspNetCore.Transport;
using WorkerPool.Sockets;

namespace WorkerPool.AspNetCore.Drain;

/// <summary>
/// Gives idle connections of a worker that drains to others, through the master, and promises to take theirs:
/// <code>
/// 1  look: nothing is under way on the connection
/// 2  detach it: from now on Kestrel's transport, which waits for bytes, reads from a socket on which nothing ever comes
/// 3  look again: what it had read before, or has come meanwhile, shows in the kernel's counts
/// 4  still idle: send it to the master; otherwise, or if nobody takes it, put it back, and all is as before
/// </code>
/// Thread-safe.
/// </summary>
[SuppressMessage("Performance", "CA1812", Justification = "Made by the app's services.")]
internal sealed partial class HandOver(
    Worker worker, WorkerWebOptions options, IOptions<SocketTransportOptions> transport, TimeProvider time, ILogger<HandOver> logger)
{
    /// <summary>What is spoken on the connections; part of the worker protocol.</summary>
    public const string Protocol = "http/1.1";

    /// <summary>How long the channel may be full before the connections are closed as if there were nobody to take them.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private long _fullSince;
    private volatile bool _hasEnded;

    /// <summary>Whether there is somebody to take connections over.</summary>
    public bool IsPossible => worker.MayHandOver && !_hasEnded;

    /// <summary>
    /// Before ready: takes over what can be taken. Not with a transport that has reads pending into a buffer: it must have none that could
    /// take bytes after the last look.
    /// </summary>
    public void Promise(IEnumerable<ServedEndpoint> endpoints)
    {
        foreach (ServedEndpoint endpoint in endpoints.Where(one => !one.IsTls && one.Protocols.HasFlag(HttpProtocols.Http1) && CanMove(one.Listener)))
        {
            worker.TakeOver(endpoint.Listener, Protocol);
        }
    }

    /// <summary>How far a new connection has got; null: it is one that cannot be handed over. The kernel is asked only where it is not the beginning.</summary>
    public StreamPosition? PositionOf(WorkerListener listener, Socket socket) =>
        !CanMove(listener) ? null
        : socket is AcceptedSocket { Origin: not Origin.OtherWorker } ? StreamPosition.Beginning
        : StreamPosition.Of(socket);

    /// <param name="listener">The endpoint of the connection.</param>
    /// <param name="socket">The connection. If the answer is true, it is somebody else's, and nothing ever comes here.</param>
    /// <param name="isIdle">Whether nothing is under way when the kernel's counts are these.</param>
    public bool TryHandOver(WorkerListener listener, Socket socket, Func<StreamPosition, bool> isIdle)
    {
        try
        {
            if (StreamPosition.Of(socket) is not StreamPosition position || !isIdle(position))
            {
                return false;
            }

            using DetachedConnection detached = DetachedConnection.Detach(socket);
            bool isSent = false;
            try
            {
                isSent = StreamPosition.Of(detached.Connection) is StreamPosition last && isIdle(last)
                    && IsSent(worker.TryHandOver(listener, detached.Connection));
            }
            finally
            {
                if (!isSent)
                {
                    detached.PutBack();
                }
            }

            return isSent;
        }
        catch (ObjectDisposedException)
        {
            return false; // it has ended by itself
        }
        catch (SystemCallException e)
        {
            LogFailed(logger, listener.Name, e.Message);
            return false;
        }
    }

    private bool CanMove(WorkerListener listener) =>
        options.HandOverIdleConnections && listener.LocalEndPoint is IPEndPoint && transport.Value.WaitForDataBeforeAllocatingBuffer;

    private bool IsSent(SendResult result)
    {
        if (result == SendResult.Full)
        {
            long since = Interlocked.CompareExchange(ref _fullSince, time.GetTimestamp(), 0);
            _hasEnded |= since != 0 && time.GetElapsedTime(since) >= Patience;
        }
        else
        {
            Interlocked.Exchange(ref _fullSince, 0);
            _hasEnded |= result == SendResult.Gone;
        }

        return result == SendResult.Sent;
    }

    [LoggerMessage(1, LogLevel.Warning, "An idle connection of endpoint \"{Endpoint}\" could not be handed over, and is served or closed here: {Reason}")]
    private static partial void LogFailed(ILogger logger, string endpoint, string reason);
}
