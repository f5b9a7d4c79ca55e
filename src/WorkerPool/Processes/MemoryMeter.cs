using WorkerPool.Supervision;

namespace WorkerPool.Processes;

/// <summary>Measures the memory of the machine and of the workers, beside the master's loop.</summary>
internal static class MemoryMeter
{
    /// <summary>Reads everything on the thread pool, one process after the other.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static Task<MemoryReading> ReadAsync(IReadOnlyList<int> processIds, CancellationToken cancellationToken) =>
        Task.Run(() => Read(processIds, cancellationToken), cancellationToken);

    private static MemoryReading Read(IReadOnlyList<int> processIds, CancellationToken cancellationToken)
    {
        List<WorkerMemory> workers = [];
        foreach (int processId in processIds)
        {
            cancellationToken.ThrowIfCancellationRequested();
            workers.Add(new WorkerMemory(processId, ProcessMemory.Read(processId)));
        }

        return new MemoryReading(MachineMemory.Read(), workers);
    }
}
