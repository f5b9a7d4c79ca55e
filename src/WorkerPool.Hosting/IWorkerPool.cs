namespace WorkerPool.Hosting;

/// <summary>The pool of this host, among its services: in the master only. Thread-safe.</summary>
public interface IWorkerPool
{
    /// <summary>The master once all workers are ready; <see langword="null"/> before, and when the start failed.</summary>
    Master? Master { get; }

    /// <summary>
    /// Waits for the master. A service that is made before the host starts (all hosted services are) asks for it here; in
    /// their <c>StartAsync</c> it is there already.
    /// </summary>
    /// <param name="cancellationToken">Gives the wait up.</param>
    /// <exception cref="OperationCanceledException">The wait was given up, or the host was stopped before the pool was up.</exception>
    /// <exception cref="Exception">The pool did not start: what <see cref="WorkerPool.Master.StartAsync(PoolOptions, CancellationToken)"/> threw.</exception>
    Task<Master> StartedAsync(CancellationToken cancellationToken = default);
}
