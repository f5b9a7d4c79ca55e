using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;
using WorkerPool.AspNetCore.Drain;

namespace WorkerPool.AspNetCore.Connections;

/// <summary>
/// First in the app's pipeline: counts the requests of each connection, and while the worker drains gives every HTTP/1.1
/// answer a <c>Connection: close</c>, also that of a request that had begun before.
/// </summary>
[SuppressMessage("Performance", "CA1812", Justification = "Made by the app's services.")]
internal sealed class RequestTracking(DrainState drain) : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(next => context => TrackAsync(context, next));
        next(app);
    };

    private Task TrackAsync(HttpContext context, RequestDelegate next) =>
        context.Features.Get<WorkerConnection>() is WorkerConnection connection
            ? TrackAsync(context, connection, next)
            : next(context); // it came from elsewhere than the pool

    private async Task TrackAsync(HttpContext context, WorkerConnection connection, RequestDelegate next)
    {
        connection.BeginRequest(
            context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody ?? true, context.Request.ContentLength);
        try
        {
            if (!connection.IsHttp2)
            {
                context.Response.OnStarting(CloseWhileDraining, context.Response);
            }

            await next(context);
        }
        finally
        {
            connection.EndRequest(
                isBodyRead: context.Features.Get<IHttpRequestTrailersFeature>()?.Available ?? false,
                isUpgraded: context.Response.StatusCode == StatusCodes.Status101SwitchingProtocols);
        }
    }

    private Task CloseWhileDraining(object response)
    {
        HttpResponse starting = (HttpResponse)response;
        if (drain.HasBegun && starting.StatusCode != StatusCodes.Status101SwitchingProtocols)
        {
            starting.Headers[HeaderNames.Connection] = "close";
        }

        return Task.CompletedTask;
    }
}
