namespace WorkerPool.AspNetCore.Drain;

/// <summary>Whether this worker drains, be it because the master wants it or because the app stops by itself.</summary>
internal sealed class DrainState(Worker worker)
{
    private volatile bool _stopsByItself;

    public bool HasBegun => _stopsByItself || worker.Draining.IsCancellationRequested;

    public void StopByItself() => _stopsByItself = true;
}
