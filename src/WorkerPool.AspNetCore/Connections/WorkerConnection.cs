using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections.Features;

namespace WorkerPool.AspNetCore.Connections;

/// <summary>
/// One connection of a client, beside Kestrel's own view of it: whether it is idle, and how it ends in a drain. It is among
/// the features of the connection and of its requests. Thread-safe.
/// </summary>
/// <remarks>
/// <para>
/// <b>How an idle HTTP/1.1 connection is closed.</b> Its client may send a request at that very moment. So:
/// </para>
/// <list type="number">
/// <item>Kestrel waits for a request and has nothing of one: its pending read is cancelled (<see cref="TryCloseIdle"/>).</item>
/// <item>If by then something has come, also if it is in the kernel only, the connection is not closed: the request is served,
/// and its answer says <c>Connection: close</c>.</item>
/// <item>Otherwise our side is shut down (FIN) in the next system call, and Kestrel is told that the input has ended.</item>
/// <item>The socket stays open for a while, and what comes is thrown away (<see cref="LingerAsync"/>): a request that was on
/// its way meets an orderly end, not a reset, and was not executed.</item>
/// </list>
/// </remarks>
internal sealed class WorkerConnection(Socket socket, IConnectionLifetimeNotificationFeature? lifetime, TimeProvider time)
{
    /// <summary>What a client has to read the last words (GOAWAY, close_notify) before our side is shut down.</summary>
    private static readonly TimeSpan NoticeTime = TimeSpan.FromMilliseconds(100);

    private long _lastActive = time.GetTimestamp();
    private int _requests;
    private bool _hadRequest;
    private bool _isLeaving;
    private bool _isShutDown;
    private bool _lingers;

    /// <summary>What the HTTP layer reads from; null before (TLS handshake).</summary>
    public ConnectionReader? HttpInput { get; set; }

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

            return input.HasPart ? ConnectionState.Partial : Volatile.Read(ref _hadRequest) ? ConnectionState.Idle : ConnectionState.Fresh;
        }
    }

    public void NoteActivity() => Interlocked.Exchange(ref _lastActive, time.GetTimestamp());

    public void BeginRequest()
    {
        Volatile.Write(ref _hadRequest, true);
        Interlocked.Increment(ref _requests);
    }

    public void EndRequest()
    {
        NoteActivity();
        HttpInput?.ForgetPart();
        Interlocked.Decrement(ref _requests);
    }

    /// <summary>Begins to close an idle connection; it goes on if a request comes first.</summary>
    public void TryCloseIdle() => HttpInput?.AskForEnd();

    /// <summary>HTTP/2: GOAWAY, and the end after the last stream. HTTP/1.1: the end after the request that has begun to come.</summary>
    public void Finish()
    {
        Volatile.Write(ref _isLeaving, true);
        if (IsHttp2)
        {
            Volatile.Write(ref _lingers, true);
        }

        lifetime?.RequestClose();
    }

    /// <summary>The last look at an idle connection: ends our side of it, unless something has come.</summary>
    public bool EndIfSilent()
    {
        try
        {
            if (Volatile.Read(ref _requests) > 0 || socket.Available > 0)
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
