namespace WorkerPool.Supervision;

/// <summary>How workers of the slot start, when it is their turn.</summary>
internal sealed partial class SlotLife
{
    /// <summary>How many workers have begun to start after a time, and are not ready yet.</summary>
    public int StartingSince(TimeSpan time) => (IsStartingSince(Serving, time) ? 1 : 0) + (IsStartingSince(Successor, time) ? 1 : 0);

    /// <summary>When the first of them began.</summary>
    public TimeSpan? FirstStartSince(TimeSpan time) => Deadlines.Earlier(
        IsStartingSince(Serving, time) ? Serving!.StartedAt : null,
        IsStartingSince(Successor, time) ? Successor!.StartedAt : null);

    /// <summary>It is a worker's turn to start.</summary>
    public void Begin(WorkerLife worker, TimeSpan now)
    {
        worker.Begin(now);
        context.Do(new SpawnWorker(worker.Key, worker.Release, Hold: worker.Probe is not null));
    }

    /// <summary>The process of a worker was started.</summary>
    public void Spawned(WorkerLife worker, int processId)
    {
        worker.ProcessId = processId;
        context.Announce(PoolEventKind.WorkerSpawned, worker, Text($"Process {processId} was started."));
        Changed();
    }

    /// <summary>A worker was told to go before it was its turn to start.</summary>
    public void Cancelled(WorkerLife worker, TimeSpan now) =>
        Ended(worker, exit: null, Failure(worker.Fault, worker.FaultMessage), now);

    private WorkerLife Spawn(Release what)
    {
        _respawnAt = null;

        // Only a new release has to prove itself, not the one to go back to, nor what is started again.
        SlotCommand? command = Command is { Failure: null, Succeeded: false } ? Command : null;
        WorkerKey key = new(Number, ++LastGeneration);
        WorkerLife worker = new(key, what, command?.StartDeadline ?? context.Settings.StartDeadline)
        {
            Probe = command?.Probe,
            IsRespawn = Command is null or { Succeeded: true },
        };
        context.Starts.Add(worker);
        Changed();
        return worker;
    }

    private void SpawnServing(Release what) => Serving = Spawn(what);

    private static bool IsStartingSince(WorkerLife? worker, TimeSpan time) => worker?.State == WorkerState.Starting && worker.StartedAt > time;
}
