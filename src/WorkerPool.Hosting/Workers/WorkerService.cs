using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace WorkerPool.Hosting.Workers;

/// <summary>The life of the host as a worker: ready when it has started, stopped when the last connection is closed.</summary>
[SuppressMessage("Performance", "CA1812", Justification = "Made by the host's services.")]
internal sealed partial class WorkerService(
    Worker worker, IHostLifetime lifetime, IHostApplicationLifetime application, ILogger<WorkerService> logger) : IHostedLifecycleService
{
    private Task _life = Task.CompletedTask;

    public Task StartingAsync(CancellationToken cancellationToken)
    {
        if (lifetime is not WorkerHostLifetime)
        {
            LogForeignLifetime(logger, lifetime.GetType().Name);
        }

        // A worker that is told to go while it starts has nothing to wait for.
        application.ApplicationStarted.Register(() => _life = LiveAsync());
        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => _life;

    private async Task LiveAsync()
    {
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(worker.Stopping, application.ApplicationStopping);
        try
        {
            await worker.ReadyAsync(end.Token);
            await worker.WhenDrainedAsync(end.Token);
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // The time is over, or the host stops by itself.
        }
        finally
        {
            application.StopApplication();
        }
    }

    [LoggerMessage(1, LogLevel.Warning,
        "The host's lifetime is {Lifetime} and not the worker's: a signal may stop this worker without a drain. Call AddWorker after what sets it.")]
    private static partial void LogForeignLifetime(ILogger logger, string lifetime);
}
