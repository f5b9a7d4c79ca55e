using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using WorkerPool.AspNetCore.Connections;
using WorkerPool.AspNetCore.Drain;
using WorkerPool.AspNetCore.Start;
using WorkerPool.AspNetCore.Transport;

namespace WorkerPool.AspNetCore;

/// <summary>Makes a web app a worker.</summary>
public static class WorkerWebHostBuilderExtensions
{
    /// <summary>Makes this app the worker: it serves the endpoints of the pool, and starts and drains as the master wants.</summary>
    /// <remarks>
    /// Call it in the worker's part of <see cref="Pool"/>, after other calls that set a host lifetime
    /// (<c>UseSystemd</c>, <c>UseConsoleLifetime</c>), and let that part end with <c>app.RunAsync()</c>:
    /// <list type="bullet">
    /// <item>Kestrel listens on the endpoints of the pool, and nowhere else.</item>
    /// <item>The worker is ready when the app has started, its health checks of <see cref="WorkerWebOptions.ReadinessTag"/> are healthy and the
    /// warm-up is done. If that fails, <c>RunAsync</c> throws a <see cref="WarmUpException"/>, which is in the verdict.</item>
    /// <item>When the worker drains the app goes on until its last connection is closed, or the deadline is reached; then
    /// <c>ApplicationStopping</c> fires, and <c>RunAsync</c> returns.</item>
    /// <item>SIGTERM to the worker means drain.</item>
    /// <item><see cref="IWorkerFeature"/> and <see cref="Worker"/> are among the services.</item>
    /// </list>
    /// </remarks>
    /// <param name="builder">The builder, such as <c>WebApplicationBuilder.WebHost</c>.</param>
    /// <param name="worker">The worker that this process is.</param>
    /// <param name="configure">How it starts and drains.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static IWebHostBuilder UseWorker(this IWebHostBuilder builder, Worker worker, Action<WorkerWebOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(worker);
        WorkerWebOptions options = new();
        configure?.Invoke(options);
        options.Validate();
        return builder.ConfigureServices(services => AddWorker(services, worker, options));
    }

    private static void AddWorker(IServiceCollection services, Worker worker, WorkerWebOptions options)
    {
        services.AddSingleton(worker);
        services.AddSingleton<IWorkerFeature>(new WorkerFeature(worker));
        services.AddSingleton(options);
        services.TryAddSingleton(TimeProvider.System);

        services.AddSingleton<WorkerConnections>();
        services.AddSingleton<ConnectionMiddleware>();
        services.AddSingleton<IStartupFilter, RequestTracking>();
        services.AddSingleton<KestrelEndpoints>();
        services.AddSingleton<IPostConfigureOptions<KestrelServerOptions>>(provider => provider.GetRequiredService<KestrelEndpoints>());
        services.AddSingleton<IConnectionListenerFactory, WorkerTransportFactory>();

        services.AddSingleton<DrainState>();
        services.AddSingleton<HandOver>();
        services.AddSingleton<ConnectionDrain>();
        services.AddSingleton<SelfClients>();
        services.AddSingleton<Readiness>();
        services.AddSingleton<WorkerHostLifetime>();
        services.AddSingleton<IHostLifetime>(provider => provider.GetRequiredService<WorkerHostLifetime>());
        services.AddHostedService<WorkerLife>();
    }
}
