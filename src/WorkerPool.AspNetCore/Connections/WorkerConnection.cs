using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using WorkerPool.AspNetCore.Drain;
using WorkerPool.AspNetCore.Transport;
using WorkerPool.Sockets;

namespace WorkerPool.AspNetCore.Connections;

/// <summary>
/// One connection of a client, beside Kestrel's own view of it: whether it is idle, and how it ends in a drain. It is among
/// the features of the connection and of its requests. Thread-safe.
/// </summary>
/// <remarks>
/// <para>
/// <b>How an idle HTTP/1.1 connection leaves.</b> Its client may send a request at that very moment. So:
/// </para>
/// <list type="number">
/// <item>Kestrel waits for a request and has nothing of one: its pending read is cancelled (<see cref="AskFor"/>).</item>
/// <item>If by then something has come, also if it is in the kernel only, the connection stays: the request is served, and
/// its answer says <c>Connection: close</c>.</item>
/// <item>Otherwise, if another worker takes it over, that one has the connection from now on (<see cref="HandOver"/>), and Kestrel
/// is told that the input has ended.</item>
/// <item>If nobody does, our side is shut down (FIN) in the next system call, and Kestrel is told the same. The socket stays open
/// for a while, and what comes is thrown away (<see cref="LingerAsync"/>): a request that was on its way meets an orderly
/// end, not a reset, and was not executed.</item>
/// </list>
/// </remarks>
internal sealed class WorkerConnection(
    ConnectionContext context, Socket socket, AcceptedConnection accepted, HandOver handOver, TimeProvider time)
{
    /// <summary>How often it is tried to hand over a connection that seems to be idle and is not.</summary>
    private const int MostHandOvers = 25;

    /// <summary>What a client has to read the last words (GOAWAY, close_notify) before our side is shut down.</summary>
    private static readonly TimeSpan NoticeTime = TimeSpan.FromMilliseconds(100);

    private readonly RequestBoundary _boundary = new();
    private long _lastActive = time.GetTimestamp();
    private int _requests;
    private int _handOvers;
    private bool _hadRequest;
    private bool _isLeaving;
    private bool _isShutDown;
    private bool _lingers;

    /// <summary>What the HTTP layer reads from; null before (TLS handshake).</summary>
    public ConnectionReader? HttpInput { get; set; }

    /// <summary>What is written to the socket.</summary>
    public ConnectionWriter? Output { get; set; }

    public bool IsHttp2 { get; set; }

    public bool IsTls { get; set; }

    /// <summary>Whether the HTTP layer's end is not yet the connection's.</summary>
    public bool Lingers => Volatile.Read(ref _lingers);

    /// <summary>Time since something came, or since the last answer.</summary>
    public TimeSpan Silence => time.GetElapsedTime(Interlocked.Read(ref _lastActive));

    public ConnectionState State
    {
        get
        {
            if (Volatile.Read(ref _isLeaving))
            {
                return ConnectionState.Leaving;
            }

            if (IsHttp2)
            {
                return Volatile.Read(ref _hadRequest) ? ConnectionState.Http2 : ConnectionState.Partial;
            }

            if (HttpInput is not ConnectionReader input || Volatile.Read(ref _requests) > 0 || !input.IsWaiting)
            {
                return ConnectionState.Busy;
            }

            return !IsAtBoundary(input) ? ConnectionState.Partial : Volatile.Read(ref _hadRequest) ? ConnectionState.Idle : ConnectionState.Fresh;
        }
    }

    public void NoteActivity() => Interlocked.Exchange(ref _lastActive, time.GetTimestamp());

    /// <summary>Whether another worker can go on to serve it, when it is idle: no state of TLS or HTTP/2 is tied to it.</summary>
    public bool CanMove =>
        handOver.IsPossible
        && accepted.Start is not null
        && HttpInput is { IsTransport: true }
        && !IsTls
        && !IsHttp2
        && Volatile.Read(ref _handOvers) < MostHandOvers;

    public void BeginRequest(bool canHaveBody, long? bodyLength)
    {
        Volatile.Write(ref _hadRequest, true);
        _boundary.Begin(HttpInput?.Consumed ?? 0, canHaveBody, bodyLength);
        Interlocked.Increment(ref _requests);
    }

    /// <param name="isBodyRead">Whether the body of the request was read to its end.</param>
    /// <param name="isUpgraded">Whether it has made something else of the connection.</param>
    public void EndRequest(bool isBodyRead, bool isUpgraded)
    {
        NoteActivity();
        if (isUpgraded)
        {
            _boundary.Upgrade();
        }
        else if (isBodyRead)
        {
            _boundary.EndBody(HttpInput?.Consumed ?? 0);
        }

        Interlocked.Decrement(ref _requests);
    }

    /// <summary>Begins to let an idle connection leave; it stays if a request comes first.</summary>
    public void AskFor(Departure departure) => HttpInput?.AskFor(departure);

    /// <summary>HTTP/2: GOAWAY, and the end after the last stream. HTTP/1.1: the end after the request that has begun to come.</summary>
    public void Finish()
    {
        Volatile.Write(ref _isLeaving, true);
        if (IsHttp2)
        {
            Volatile.Write(ref _lingers, true);
        }

        context.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
    }

    /// <summary>The last look at an idle connection, on which nobody reads in this moment: it leaves, unless something has come.</summary>
    public bool TryLeave(Departure departure) => departure == Departure.HandOver ? TryHandOver() : EndIfSilent();

    private bool TryHandOver()
    {
        // What the app keeps with the connection, such as who has authenticated on it, cannot move.
        if (!CanMove || context.Items.Count > 0 || !handOver.TryHandOver(accepted.Listener, socket, IsIdle))
        {
            Interlocked.Increment(ref _handOvers);
            return false;
        }

        Volatile.Write(ref _isLeaving, true);
        return true;
    }

    private bool IsAtBoundary(ConnectionReader input) => !input.HasRest && _boundary.IsAt(input.Consumed);

    /// <summary>
    /// Whether nothing is under way: the last answer is in the kernel, and of what came in there is nothing that HTTP has not used, be it in
    /// the kernel or between it and us.
    /// </summary>
    private bool IsIdle(StreamPosition now) =>
        Volatile.Read(ref _requests) == 0
        && HttpInput is ConnectionReader input && IsAtBoundary(input)
        && now.IsEstablished
        && now.Unread == 0
        && now.Taken - accepted.Start!.Value.Taken == (ulong)input.Consumed
        && now.Given - accepted.Start.Value.Given == (ulong)Output!.Written;

    private bool EndIfSilent()
    {
        try
        {
            if (Volatile.Read(ref _requests) > 0 || HttpInput is not { HasRest: false } || socket.Available > 0)
            {
                return false;
            }

            // Over TLS and HTTP/2 there are last words to be said.
            if (!IsTls && !IsHttp2)
            {
                ShutDown();
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            return false; // it ends by itself
        }

        Volatile.Write(ref _isLeaving, true);
        Volatile.Write(ref _lingers, true);
        return true;
    }

    /// <summary>Waits for the client to close too, throwing away what comes; gives up after a time.</summary>
    public async Task LingerAsync(PipeReader input, TimeSpan lingerTime)
    {
        using CancellationTokenSource over = new(lingerTime, time);
        try
        {
            if (!_isShutDown)
            {
                using CancellationTokenSource noticed = CancellationTokenSource.CreateLinkedTokenSource(over.Token);
                noticed.CancelAfter(NoticeTime);
                if (await ReadToEndAsync(input, noticed.Token))
                {
                    return;
                }

                ShutDown();
            }

            await ReadToEndAsync(input, over.Token);
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException)
        {
            // The client has reset the connection: nothing to wait for.
        }
    }

    private void ShutDown()
    {
        socket.Shutdown(SocketShutdown.Send);
        _isShutDown = true;
    }

    /// <summary>False: the time is over.</summary>
    private static async Task<bool> ReadToEndAsync(PipeReader input, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                ReadResult result = await input.ReadAsync(cancellationToken);
                input.AdvanceTo(result.Buffer.End);
                if (result.IsCompleted)
                {
                    return true;
                }
            }
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
