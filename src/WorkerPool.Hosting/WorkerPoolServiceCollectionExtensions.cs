using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using WorkerPool.Hosting.Configuration;
using WorkerPool.Hosting.Pools;
using WorkerPool.Hosting.Workers;

namespace WorkerPool.Hosting;

/// <summary>Two roles in one program: what is added for the one has no effect in the other.</summary>
public static class WorkerPoolServiceCollectionExtensions
{
    /// <summary>The section of the configuration that has the options of the pool, if no other is given.</summary>
    public const string DefaultSection = "WorkerPool";

    /// <summary>
    /// Makes this host a master: it starts the pool before its other hosted services and stops it gracefully after them. In a
    /// worker this does nothing.
    /// </summary>
    /// <remarks>
    /// <list type="bullet">
    /// <item>The options come from <paramref name="configure"/>, further <c>Configure&lt;PoolOptions&gt;</c> calls, and then from the
    /// configuration, which has the last word; docs/hosting.md has the keys. What is wrong with them is said, key by key, when the host starts.</item>
    /// <item>The number of workers, weights and shares follow the configuration while the pool runs.</item>
    /// <item>Signals do what <see cref="PoolOptions.Signals"/> says; one that ends the pool ends the host.</item>
    /// <item>A pool that is stopped by somebody else stops the host; one that fails makes it end with an exception.</item>
    /// <item>The host's shutdown timeout is made long enough for a drain.</item>
    /// <item><see cref="IWorkerPool"/> is among the services.</item>
    /// </list>
    /// </remarks>
    /// <param name="services">The services of the host.</param>
    /// <param name="configure">What the program itself sets, as defaults for the configuration.</param>
    /// <param name="section">The section of the configuration.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddWorkerPool(
        this IServiceCollection services, Action<PoolOptions>? configure = null, string section = DefaultSection)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrEmpty(section);
        if (Worker.IsWorker)
        {
            return services;
        }

        OptionsBuilder<PoolOptions> options = services.AddOptions<PoolOptions>().ValidateOnStart();
        if (configure is not null)
        {
            options.Configure(configure);
        }

        services.TryAddSingleton(provider => new PoolConfiguration(provider.GetRequiredService<IConfiguration>().GetSection(section)));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IPostConfigureOptions<PoolOptions>, PoolOptionsSetup>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<PoolOptions>, PoolOptionsValidation>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IPostConfigureOptions<HostOptions>, ShutdownTimeout>());
        services.TryAddSingleton<PoolService>();
        services.TryAddSingleton<IWorkerPool>(provider => provider.GetRequiredService<PoolService>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, PoolService>(provider => provider.GetRequiredService<PoolService>()));
        return services;
    }

    /// <summary>
    /// Makes this host a worker, when a master started the process; otherwise this does nothing. The worker is ready when
    /// the host has started, drains when the master or SIGTERM wants it, and stops the host when its last connection is closed.
    /// </summary>
    /// <remarks>
    /// <see cref="Worker"/> is among the services. The host gets a lifetime of its own, which leaves SIGTERM to the worker: call
    /// this after anything else that sets one (<c>UseConsoleLifetime</c>, <c>UseSystemd</c>). A process whose master has ended before
    /// they had met, or refused it, says so in a line on standard error and exits with status 69.
    /// </remarks>
    /// <param name="services">The services of the host.</param>
    /// <param name="configure">Adds the services that serve; runs in workers only.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddWorker(this IServiceCollection services, Action<IServiceCollection> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        if (!Worker.IsWorker)
        {
            return services;
        }

        // The descriptors are this process's from its first moment, and whoever is made by the container shall have the worker.
        services.TryAddSingleton(provider => Introduction.Connect(provider.GetService<ILoggerFactory>()));
        services.AddSingleton<IHostLifetime, WorkerHostLifetime>();
        services.AddHostedService<WorkerService>();
        configure(services);
        return services;
    }

    /// <summary>Makes this host a worker, when a master started the process, that serves with a delegate; otherwise this does nothing.</summary>
    /// <param name="services">The services of the host.</param>
    /// <param name="serve">
    /// Accepts and serves, until the listeners have ended. Saying that the worker is ready is the host's business. If it
    /// throws, the host stops with the exception.
    /// </param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddWorker(this IServiceCollection services, Func<IServiceProvider, Worker, Task> serve)
    {
        ArgumentNullException.ThrowIfNull(serve);
        return services.AddWorker(own => own.AddHostedService(
            provider => new ServingService(worker => serve(provider, worker), provider.GetRequiredService<Worker>())));
    }
}
