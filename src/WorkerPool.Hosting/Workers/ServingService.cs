using Microsoft.Extensions.Hosting;

namespace WorkerPool.Hosting.Workers;

/// <summary>Serves with a delegate.</summary>
internal sealed class ServingService(Func<Worker, Task> serve, Worker worker) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => serve(worker);
}
