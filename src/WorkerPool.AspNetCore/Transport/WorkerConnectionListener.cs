using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using WorkerPool.AspNetCore.Drain;

namespace WorkerPool.AspNetCore.Transport;

/// <summary>
/// Gives Kestrel the connections of one endpoint. The listening descriptor stays where it is, in the worker's own accept
/// loop: a .NET socket around it would damage it for the whole pool.
/// </summary>
/// <remarks>It ends by itself when the worker drains, long before Kestrel unbinds it; Kestrel's accept loop is content with that.</remarks>
internal sealed partial class WorkerConnectionListener(
    WorkerListener listener, SocketConnectionContextFactory connections, HandOver handOver, ILogger logger)
    : IConnectionListener
{
    private readonly CancellationTokenSource _unbound = new();

    /// <summary>The address that clients see, for <c>IServerAddressesFeature</c> and logs.</summary>
    public EndPoint EndPoint => listener.LocalEndPoint;

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (await NextAsync() is Socket socket)
        {
            try
            {
                AcceptedConnection accepted = new(listener, handOver.PositionOf(listener, socket));
                ConnectionContext connection = connections.Create(socket); // which begins to read
                connection.Features.Set(accepted);
                return connection;
            }
            catch (SocketException e)
            {
                // Reset by its client before it could be asked for its addresses.
                LogBroken(logger, listener.Name, e.Message);
                socket.Dispose();
            }
        }

        return null;
    }

    public async ValueTask UnbindAsync(CancellationToken cancellationToken = default) => await _unbound.CancelAsync();

    public async ValueTask DisposeAsync()
    {
        await _unbound.CancelAsync();
        connections.Dispose();
    }

    private async ValueTask<Socket?> NextAsync()
    {
        try
        {
            return await listener.AcceptAsync(_unbound.Token);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    [LoggerMessage(1, LogLevel.Debug, "A connection of endpoint \"{Endpoint}\" ended before it began: {Reason}")]
    private static partial void LogBroken(ILogger logger, string endpoint, string reason);
}
