using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace WorkerPool.Operation;

/// <summary>
/// Serves the operators of a pool. Whatever they send, say half of, or do not read, harms nobody but their own connection.
/// </summary>
/// <remarks>
/// There are at most <see cref="OperationProtocol.MaxClients"/> clients. When one more comes, the one that has been idle
/// for longest goes, if that is more than a second; otherwise the new one is refused. So nobody locks operators out by
/// connections on which nothing is said.
/// </remarks>
internal sealed class OperationServer : IAsyncDisposable
{
    private static readonly TimeSpan LeastIdle = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(2);

    private static readonly Verdict Full = Verdicts.Refused(
        VerdictReason.Busy, $"There are {OperationProtocol.MaxClients} clients already. Try again.");

    private readonly OperationSocket _socket;
    private readonly OperationCommands _commands;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly HashSet<OperationSession> _sessions = []; // the loop's own
    private readonly Task _running;

    /// <param name="socket">Taken over.</param>
    /// <param name="master">Gets the commands.</param>
    /// <param name="options">The pool's.</param>
    public OperationServer(OperationSocket socket, Master master, PoolOptions options)
    {
        _socket = socket;
        _commands = new OperationCommands(master);
        _time = options.TimeProvider;
        _logger = options.LoggerFactory.CreateLogger("WorkerPool.Operation");
        _running = Task.Run(RunAsync);
    }

    /// <summary>No more clients, and the file is gone. Those that wait for a verdict that has been given get it.</summary>
    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        await _running;
    }

    private async Task RunAsync()
    {
        try
        {
            while (await _socket.AcceptAsync() is Socket client)
            {
                Admit(client);
            }
        }
        catch (SystemCallException e)
        {
            OperationLog.Broken(_logger, e);
        }

        await Task.WhenAll(_sessions.Select(session => session.EndAsync(LastWords)));
    }

    private void Admit(Socket client)
    {
        _sessions.RemoveWhere(session => session.Ended.IsCompleted);
        bool hasRoom = _sessions.Count < OperationProtocol.MaxClients || TryMakeRoom();
        OperationSession session = new(client, _commands, _time, _logger);
        session.Begin(hasRoom ? _socket.RefusalOf : static _ => Full);
        _sessions.Add(session);
    }

    private bool TryMakeRoom() =>
        _sessions.Where(session => session.Idle >= LeastIdle).MaxBy(session => session.Idle)?.TryEnd() is true;
}
