using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using WorkerPool.Interop;

namespace WorkerPool.Operation;

/// <summary>
/// One client: a request, its answers, the next request. While a command is under way nothing is read, so a client that
/// sends on and on fills its own socket and nothing else; and one that does not read for a while is disconnected.
/// </summary>
/// <remarks>
/// A client that has hung up is noticed at once, also in the middle of a command; the command goes on. What it had sent
/// before is still read and done. One that only said that it will send no more (shutdown(2)) gets its answers.
/// </remarks>
[SuppressMessage("Design", "CA1001", Justification = "Sources without a timer have nothing to dispose, and commands may look at them later.")]
internal sealed class OperationSession : IAnswers
{
    private const int Waiting = 0;
    private const int Working = 1;
    private const int Ending = 2;

    private static readonly TimeSpan SendDeadline = TimeSpan.FromSeconds(10);

    private readonly Socket _client;
    private readonly OperationCommands _commands;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly LineBuffer _lines = new(OperationProtocol.MaxRequestBytes);
    private readonly CancellationTokenSource _over = new(); // by the server
    private readonly CancellationTokenSource _gone; // that, or by the client
    private Peer? _peer;
    private int _state;
    private long _idleSince;

    /// <param name="client">Taken over.</param>
    /// <param name="commands">What can be asked for.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Gets who asks for what.</param>
    public OperationSession(Socket client, OperationCommands commands, TimeProvider time, ILogger logger)
    {
        _client = client;
        _commands = commands;
        _time = time;
        _logger = logger;
        _gone = CancellationTokenSource.CreateLinkedTokenSource(_over.Token);
        _idleSince = time.GetTimestamp();
    }

    /// <summary>Completes when the connection is closed; never fails.</summary>
    public Task Ended { get; private set; } = Task.CompletedTask;

    public CancellationToken Gone => _gone.Token;

    /// <summary>For how long nothing was asked for; none while a command is under way.</summary>
    public TimeSpan Idle => Volatile.Read(ref _state) == Waiting ? _time.GetElapsedTime(Volatile.Read(ref _idleSince)) : TimeSpan.Zero;

    /// <param name="refusal">Says why a peer may not give commands; null: it may.</param>
    public void Begin(Func<Peer, Verdict?> refusal) => Ended = RunAsync(refusal);

    /// <summary>Closes the connection, unless a command is under way.</summary>
    public bool TryEnd()
    {
        bool idle = Interlocked.CompareExchange(ref _state, Ending, Waiting) == Waiting;
        if (idle)
        {
            _over.Cancel();
        }

        return idle;
    }

    /// <summary>Closes the connection; a command that is under way has so much time to send its verdict.</summary>
    public async Task EndAsync(TimeSpan grace)
    {
        if (Interlocked.Exchange(ref _state, Ending) != Waiting)
        {
            await Ended.WaitAsync(grace, _time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await _over.CancelAsync();
        await Ended;
    }

    public async Task SendAsync(Answer answer)
    {
        using CancellationTokenSource deadline = new(SendDeadline, _time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, _over.Token);
        try
        {
            await _client.SendAsync(AnswerJson.Write(answer), either.Token);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            OperationLog.DoesNotRead(_logger, _peer);
            throw;
        }
    }

    private async Task RunAsync(Func<Peer, Verdict?> refusal)
    {
        await Task.Yield();
        using (_client)
        {
            using Readiness hangUp = new((int)_client.Handle, events: 0);
            Task watching = WatchAsync(hangUp);
            try
            {
                _peer = Peer.Of(_client);
                await TalkAsync(refusal);
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException)
            {
                // The client is gone, or is treated as if it were.
            }
            catch (Exception e)
            {
                OperationLog.Failed(_logger, e);
            }

            hangUp.Dispose(); // before the descriptor is closed
            await watching;
            await _gone.CancelAsync();
        }
    }

    private async Task WatchAsync(Readiness hangUp)
    {
        if (await hangUp.WaitAsync())
        {
            await _gone.CancelAsync();
        }
    }

    private async Task TalkAsync(Func<Peer, Verdict?> refusal)
    {
        if (refusal(_peer!) is Verdict refused)
        {
            OperationLog.Refused(_logger, _peer, refused.Message);
            await SendAsync(new Answer { Verdict = refused });
            return;
        }

        try
        {
            while (await ReadAsync() is ReadOnlyMemory<byte> line && TrySet(Waiting, Working))
            {
                Verdict verdict = await DoAsync(line);
                await SendAsync(new Answer { Verdict = verdict });
                Volatile.Write(ref _idleSince, _time.GetTimestamp());
                if (!TrySet(Working, Waiting))
                {
                    return;
                }
            }
        }
        catch (RequestException e)
        {
            // Where the next line begins is not known.
            await SendAsync(new Answer { Verdict = Verdicts.Of(e) });
        }
    }

    private async Task<Verdict> DoAsync(ReadOnlyMemory<byte> line)
    {
        try
        {
            Request request = RequestReader.Read(line);
            if (request is not (HelloRequest or StatusRequest or EventsRequest))
            {
                OperationLog.Asked(_logger, _peer, request.Verb);
            }

            return await _commands.RunAsync(request, this);
        }
        catch (Exception e) when (Verdicts.Of(e) is not null)
        {
            return Verdicts.Of(e)!;
        }
    }

    /// <summary>The next line; null: the client sends no more.</summary>
    private async Task<ReadOnlyMemory<byte>?> ReadAsync()
    {
        while (true)
        {
            if (_lines.TryTake(out ReadOnlyMemory<byte> line))
            {
                return line;
            }

            int count = await _client.ReceiveAsync(_lines.Space(), _over.Token);
            if (count == 0)
            {
                return _lines.IsWithinLine ? throw new RequestException("The last line has no end.") : null;
            }

            _lines.Add(count);
        }
    }

    private bool TrySet(int from, int to) => Interlocked.CompareExchange(ref _state, to, from) == from;
}
