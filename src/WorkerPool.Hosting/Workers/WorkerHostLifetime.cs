using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Hosting;

namespace WorkerPool.Hosting.Workers;

/// <summary>In place of the console lifetime, which would stop the host at once on SIGTERM: to a worker it means to drain.</summary>
[SuppressMessage("Performance", "CA1812", Justification = "Made by the host's services.")]
internal sealed class WorkerHostLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
