using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using WorkerPool.Hosting.Pools;

namespace WorkerPool.Hosting;

/// <summary>The health of the pool as a health check.</summary>
public static class WorkerPoolHealthChecksBuilderExtensions
{
    /// <summary>
    /// Adds a check of the pool: healthy when every slot has a worker that is ready; unhealthy when fewer than
    /// <paramref name="minimumReady"/> have one, a slot's breaker is open, or the pool starts or stops; degraded otherwise. In a
    /// worker this does nothing.
    /// </summary>
    /// <param name="builder">The builder of the health checks.</param>
    /// <param name="name">The name of the check.</param>
    /// <param name="minimumReady">How many workers must be ready. Default 1; 1 or more.</param>
    /// <param name="tags">The tags of the check.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="minimumReady"/> is less than 1.</exception>
    public static IHealthChecksBuilder AddWorkerPool(
        this IHealthChecksBuilder builder, string name = "workerpool", int minimumReady = 1, IEnumerable<string>? tags = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentOutOfRangeException.ThrowIfLessThan(minimumReady, 1);
        return Worker.IsWorker
            ? builder
            : builder.Add(new HealthCheckRegistration(
                name,
                provider => new PoolHealthCheck(provider.GetRequiredService<IWorkerPool>(), minimumReady),
                failureStatus: null,
                tags));
    }
}
