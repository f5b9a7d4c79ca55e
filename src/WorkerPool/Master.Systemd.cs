using Microsoft.Extensions.Logging;
using WorkerPool.Systemd;

namespace WorkerPool;

public sealed partial class Master
{
    private ServiceNotifier? _notifier;

    /// <summary>
    /// Tells the service manager that the pool is up, and from now on what it does, as <see cref="PoolOptions.Systemd"/> says; sd_notify(3).
    /// <see cref="Pool"/> does this by itself; a host that starts the master on its own calls it once, when all of it is up. Without
    /// <c>NOTIFY_SOCKET</c> in the environment it does nothing.
    /// </summary>
    public void NotifyReady()
    {
        ILogger logger = _loop.Options.LoggerFactory.CreateLogger("WorkerPool.Systemd");
        if (_notifier is null && ServiceNotifier.Start(this, _loop.Options, logger) is ServiceNotifier notifier)
        {
            _notifier = notifier;
            notifier.Ready();
        }
    }

    /// <summary>A signal has asked for a new release; dispose it when that is over.</summary>
    internal IDisposable? BeginReload() => _notifier is ServiceNotifier notifier ? new Reload(notifier) : null;

    internal Task<bool> AnswersAsync(CancellationToken cancellationToken) => _loop.AnswersAsync(cancellationToken);

    private sealed class Reload : IDisposable
    {
        private readonly ServiceNotifier _notifier;

        public Reload(ServiceNotifier notifier)
        {
            _notifier = notifier;
            notifier.Reloading();
        }

        public void Dispose() => _notifier.Reloaded();
    }
}
