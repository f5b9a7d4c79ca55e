using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using WorkerPool.AspNetCore.Drain;
using WorkerPool.AspNetCore.Start;
using WorkerPool.AspNetCore.Transport;

namespace WorkerPool.AspNetCore;

/// <summary>The life of the app as a worker: started, ready, drained, stopped.</summary>
[SuppressMessage("Performance", "CA1812", Justification = "Made by the app's services.")]
internal sealed partial class WorkerLife(
    Worker worker,
    Readiness readiness,
    ConnectionDrain connections,
    HandOver handOver,
    KestrelEndpoints endpoints,
    DrainState drain,
    WorkerWebOptions options,
    WorkerHostLifetime hostLifetime,
    IHostLifetime chosenLifetime,
    IHostApplicationLifetime application,
    IOptions<HostOptions> host,
    ILogger<WorkerLife> logger) : IHostedLifecycleService
{
    private Task _life = Task.CompletedTask;

    public Task StartingAsync(CancellationToken cancellationToken)
    {
        if (chosenLifetime != hostLifetime)
        {
            LogForeignLifetime(logger, chosenLifetime.GetType().Name);
        }

        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        application.ApplicationStarted.Register(() => _life = LiveAsync());
        return Task.CompletedTask;
    }

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Before Kestrel stops. If the app stops by itself, its clients are drained as well as the host's timeout allows.</summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        drain.StopByItself();
        if (!worker.Draining.IsCancellationRequested)
        {
            await connections.RunAsync(connections.WhenNoneAsync(cancellationToken), cancellationToken);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => _life;

    private async Task LiveAsync()
    {
        try
        {
            handOver.Promise(endpoints.Served);
            await worker.ReadyAsync((_, givenUp) => readiness.PrepareAsync(givenUp), application.ApplicationStopping);
            await DrainAsync();
        }
        catch (OperationCanceledException) when (application.ApplicationStopping.IsCancellationRequested)
        {
            // The app stops by itself.
        }
        catch (WarmUpException e)
        {
            hostLifetime.Fail(e);
        }
        finally
        {
            application.StopApplication();
        }
    }

    private async Task DrainAsync()
    {
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(worker.Stopping, application.ApplicationStopping);
        using CancellationTokenSource begin = CancellationTokenSource.CreateLinkedTokenSource(worker.Draining, end.Token);
        await Task.Delay(Timeout.Infinite, begin.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await connections.RunAsync(worker.WhenDrainedAsync(end.Token), end.Token);
        if (worker.Stopping.IsCancellationRequested && host.Value.ShutdownTimeout > options.StopTimeout)
        {
            host.Value.ShutdownTimeout = options.StopTimeout; // the master will not wait longer
        }
    }

    [LoggerMessage(1, LogLevel.Warning,
        "The host's lifetime is {Lifetime} and not the worker's: a signal may stop this worker without a drain. Call UseWorker after what sets it.")]
    private static partial void LogForeignLifetime(ILogger logger, string lifetime);
}
