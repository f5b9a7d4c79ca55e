using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using System.Net.Security;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using WorkerPool.AspNetCore.Drain;
using WorkerPool.AspNetCore.Transport;

namespace WorkerPool.AspNetCore.Connections;

/// <summary>
/// Puts a <see cref="WorkerConnection"/> around each connection of an endpoint, in two places:
/// <code>
/// socket ── outermost ── TLS, and what else the app has ── innermost ── HTTP
///           keeps the socket open while it lingers         sees whether a request has begun
/// </code>
/// </summary>
[SuppressMessage("Performance", "CA1812", Justification = "Made by the app's services.")]
internal sealed class ConnectionMiddleware(WorkerConnections connections, HandOver handOver, WorkerWebOptions options, TimeProvider time)
{
    public void AddOutermost(ListenOptions listen) => listen.Use(next => context => TrackAsync(context, next));

    public static void AddInnermost(ListenOptions listen) => listen.Use(next => context => WatchAsync(context, listen.Protocols, next));

    private async Task TrackAsync(ConnectionContext context, ConnectionDelegate next)
    {
        IConnectionSocketFeature socket = context.Features.GetRequiredFeature<IConnectionSocketFeature>();
        AcceptedConnection accepted = context.Features.GetRequiredFeature<AcceptedConnection>();
        WorkerConnection connection = new(context, socket.Socket, accepted, handOver, time);
        IDuplexPipe transport = context.Transport;
        ConnectionReader input = new(transport.Input, connection, isTransport: true);
        connection.Output = new ConnectionWriter(transport.Output, connection);
        context.Transport = new ConnectionPipe(input, connection.Output);
        context.Features.Set(connection);
        connections.Add(connection);
        try
        {
            await next(context);
            if (connection.Lingers)
            {
                input.TakeBack();
                await connection.LingerAsync(transport.Input, options.LingerTime);
            }
        }
        finally
        {
            context.Transport = transport;
            connections.Remove(connection);
        }
    }

    private static async Task WatchAsync(ConnectionContext context, HttpProtocols protocols, ConnectionDelegate next)
    {
        WorkerConnection connection = context.Features.GetRequiredFeature<WorkerConnection>();
        SslStream? tls = context.Features.Get<ISslStreamFeature>()?.SslStream;
        connection.IsTls = tls is not null;
        connection.IsHttp2 = tls?.NegotiatedApplicationProtocol == SslApplicationProtocol.Http2 || protocols == HttpProtocols.Http2;

        // Over TLS, or with other middleware between, HTTP reads from something else than the transport.
        if (context.Transport is not ConnectionPipe pipe)
        {
            pipe = new ConnectionPipe(new ConnectionReader(context.Transport.Input, connection, isTransport: false), context.Transport.Output);
            context.Transport = pipe;
        }

        connection.HttpInput = pipe.Input;
        await next(context);
        if (tls is not null && connection.Lingers)
        {
            await tls.ShutdownAsync(); // close_notify
        }
    }
}
