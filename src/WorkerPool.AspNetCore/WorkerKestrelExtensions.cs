using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using WorkerPool.AspNetCore.Transport;

namespace WorkerPool.AspNetCore;

/// <summary>Kestrel on the endpoints of a pool.</summary>
public static class WorkerKestrelExtensions
{
    /// <summary>
    /// Sets one endpoint of the pool up: TLS, protocols, connection middleware. Endpoints that are not set up are
    /// served with the defaults (<see cref="KestrelServerOptions.ConfigureEndpointDefaults(Action{ListenOptions})"/>).
    /// </summary>
    /// <param name="kestrel">The options that <c>ConfigureKestrel</c> gives.</param>
    /// <param name="endpoint">The name of the endpoint in the pool, see <see cref="ListenEndpoint.Name"/>.</param>
    /// <param name="configure">Kestrel's own options of this endpoint, such as <c>listen => listen.UseHttps(certificate)</c>.</param>
    /// <exception cref="ArgumentException">The pool has no such endpoint, or it is set up already.</exception>
    /// <exception cref="InvalidOperationException">
    /// The app is no worker (<see cref="WorkerWebHostBuilderExtensions.UseWorker"/> was not called), or wants HTTP/3, which is not supported.
    /// </exception>
    public static void ListenWorker(this KestrelServerOptions kestrel, string endpoint, Action<ListenOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(kestrel);
        ArgumentNullException.ThrowIfNull(endpoint);
        KestrelEndpoints endpoints = kestrel.ApplicationServices.GetService<KestrelEndpoints>() ?? throw new InvalidOperationException(
            $"This app is no worker, so it has no endpoint \"{endpoint}\" to listen on. Call UseWorker(worker) first.");
        endpoints.Listen(kestrel, endpoint, configure);
    }
}
