namespace WorkerPool.AspNetCore;

/// <summary>
/// What an app may want to know of the worker that it is. A singleton in the app's services; the <see cref="Worker"/> itself
/// is one, too. Thread-safe.
/// </summary>
public interface IWorkerFeature
{
    /// <summary>The slot of this worker in its pool, from 0.</summary>
    int Slot { get; }

    /// <summary>The running number of this worker in its slot, from 1.</summary>
    int Generation { get; }

    /// <summary>The label of the release that this worker runs.</summary>
    string Label { get; }

    /// <summary>
    /// Fires when the drain begins: no new connections come, requests that arrive on existing ones are answered. The time for
    /// background work to stop taking new jobs; long responses and WebSockets may go on until
    /// <see cref="Microsoft.Extensions.Hosting.IHostApplicationLifetime.ApplicationStopping"/>.
    /// </summary>
    CancellationToken Draining { get; }
}
