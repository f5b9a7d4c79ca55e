namespace WorkerPool.AspNetCore;

internal sealed class WorkerFeature(Worker worker) : IWorkerFeature
{
    public int Slot => worker.Slot;

    public int Generation => worker.Generation;

    public string Label => worker.Label;

    public CancellationToken Draining => worker.Draining;
}
