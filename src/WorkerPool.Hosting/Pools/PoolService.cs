using System.Diagnostics.CodeAnalysis;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using WorkerPool.Hosting.Configuration;
using WorkerPool.Signals;

namespace WorkerPool.Hosting.Pools;

/// <summary>The pool as a hosted service: up before the others start, stopped after them.</summary>
[SuppressMessage("Performance", "CA1812", Justification = "Made by the host's services.")]
internal sealed partial class PoolService(
    IOptions<PoolOptions> options,
    IOptionsFactory<PoolOptions> optionsFactory,
    PoolConfiguration configuration,
    IHostApplicationLifetime application,
    ILoggerFactory loggerFactory,
    IMeterFactory? meterFactory = null) : IWorkerPool, IHostedLifecycleService, IAsyncDisposable
{
    private readonly ILogger _logger = loggerFactory.CreateLogger("WorkerPool.Hosting");
    private readonly TaskCompletionSource<Master> _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private MasterSignals? _signals;
    private LiveConfiguration? _live;
    private bool _isStopping;

    public Master? Master { get; private set; }

    public Task<Master> StartedAsync(CancellationToken cancellationToken) => _started.Task.WaitAsync(cancellationToken);

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        PoolOptions pool = options.Value;
        if (pool.LoggerFactory == NullLoggerFactory.Instance)
        {
            pool.LoggerFactory = loggerFactory;
        }

        pool.MeterFactory ??= meterFactory;
        _signals = new MasterSignals(pool.Signals); // by default most of them would end the process
        using CancellationTokenSource given = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _signals.StopAsked);
        try
        {
            Master = await WorkerPool.Master.StartAsync(pool, given.Token);
        }
        catch (Exception e)
        {
            _started.TrySetException(e);
            throw;
        }

        _ = _signals.RunAsync(Master, StopBySignalAsync);
        _ = WatchEndAsync(Master);
        _live = new LiveConfiguration(configuration, optionsFactory, pool, Master, _logger);
        await _live.BeginAsync(cancellationToken);
        _started.TrySetResult(Master);
        application.ApplicationStarted.Register(Master.NotifyReady);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostedLifecycleService.StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>The last of the services: the others may use the pool until they have stopped.</summary>
    public async Task StoppedAsync(CancellationToken cancellationToken)
    {
        _isStopping = true;
        _started.TrySetCanceled(CancellationToken.None);
        await (_live?.DisposeAsync() ?? ValueTask.CompletedTask);
        if (Master is null)
        {
            return;
        }

        using (cancellationToken.Register(() => _ = Master.StopAsync(StopMode.Immediate, CancellationToken.None)))
        {
            await Master.StopAsync(StopMode.Graceful, CancellationToken.None);
        }

        await Master.Stopped; // throws if the pool has failed, and so does the host
    }

    public async ValueTask DisposeAsync()
    {
        _signals?.Dispose();
        await (_live?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (Master?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    /// <summary>The host's own lifetime knows SIGTERM, SIGQUIT and SIGINT, once and gracefully; the rest is here.</summary>
    private async Task StopBySignalAsync(StopMode mode)
    {
        application.StopApplication();
        if (mode == StopMode.Immediate)
        {
            await Master!.StopAsync(mode, CancellationToken.None);
        }
    }

    private async Task WatchEndAsync(Master master)
    {
        await Task.WhenAny(master.Stopped);
        if (!_isStopping)
        {
            if (master.Stopped.IsFaulted)
            {
                LogFailed(_logger, master.Stopped.Exception);
            }
            else
            {
                LogStopped(_logger);
            }

            application.StopApplication();
        }
    }

    [LoggerMessage(1, LogLevel.Critical, "The pool has failed; the host stops.")]
    private static partial void LogFailed(ILogger logger, Exception exception);

    [LoggerMessage(2, LogLevel.Information, "The pool has stopped; the host stops.")]
    private static partial void LogStopped(ILogger logger);
}
