using WorkerPool.Processes;
using WorkerPool.Sockets;
using WorkerPool.Supervision;

namespace WorkerPool.Runtime;

/// <summary>What is asked of the kernel because somebody wants to know; decisions do not depend on it.</summary>
internal sealed partial class MasterLoop
{
    /// <summary>The loop says who is there; the kernel is asked on the thread pool, because it may take its time.</summary>
    public async Task<PoolMeasurement> MeasureAsync(CancellationToken cancellationToken)
    {
        TaskCompletionSource<KeyValuePair<WorkerKey, WorkerProcess>[]> workers = new(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!_mailbox.Post(() => workers.SetResult([.. _workers])))
        {
            workers.SetResult([]);
        }

        // A letter that is still in the box when the loop ends is never read.
        await Task.WhenAny(workers.Task, _running).WaitAsync(cancellationToken).ConfigureAwait(false);
        KeyValuePair<WorkerKey, WorkerProcess>[] there = workers.Task.IsCompleted ? await workers.Task.ConfigureAwait(false) : [];
        return await Task.Run(() => Measure(there, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    private PoolMeasurement Measure(KeyValuePair<WorkerKey, WorkerProcess>[] workers, CancellationToken cancellationToken)
    {
        DateTimeOffset time = _options.TimeProvider.GetUtcNow();
        QueueMeasurement[] queues = [.. QueuesOf(Status).Select(queue => queue.Measure())];
        List<WorkerMeasurement> measured = [];
        foreach ((WorkerKey key, WorkerProcess worker) in workers.OrderBy(worker => worker.Key.Slot).ThenBy(worker => worker.Key.Generation))
        {
            cancellationToken.ThrowIfCancellationRequested();
            measured.Add(Measure(key, worker));
        }

        return new PoolMeasurement { Time = time, Workers = measured, Queues = queues };
    }

    private static WorkerMeasurement Measure(WorkerKey key, WorkerProcess worker)
    {
        TimeSpan? cpuTime = ProcessClock.Read(worker.ProcessId);
        long? memory = ProcessMemory.ReadProportional(worker.ProcessId);

        // Looked at last: if it has not been seen to end by now, what was read was not of another process with its id.
        bool isItself = !worker.HasExited;
        return new WorkerMeasurement
        {
            Slot = key.Slot,
            Generation = key.Generation,
            ProcessId = worker.ProcessId,
            PssBytes = isItself ? memory : null,
            CpuTime = isItself ? cpuTime : null,
        };
    }

    /// <summary>Without those of slots that are gone, which only wait for strays.</summary>
    private IEnumerable<SlotQueue> QueuesOf(PoolStatus status) =>
        Sockets.Queues.Where(queue => queue.Slot is not int slot || slot < status.Slots.Count);
}
