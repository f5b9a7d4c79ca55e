using WorkerPool;
using ZeroDowntime.Load;
using ZeroDowntime.Measure;

namespace ZeroDowntime.View;

/// <summary>What there is to see at one moment. Immutable.</summary>
internal sealed record Scene(TimeSpan Time, PoolStatus Pool, Progress Progress, Sample Memory)
{
    /// <summary>One row for each worker: slot, process, generation, release, state, connections, memory, share, weight.</summary>
    public IEnumerable<string[]> Rows()
    {
        foreach (SlotStatus slot in Pool.Slots)
        {
            string share = Pool.Slots.All(each => each.Share == 0) ? "-" : $"{slot.Share:P0}"; // 0 everywhere: the pool does not steer
            string weight = $"{slot.Weight:0.##}";
            if (slot.Workers.Count == 0)
            {
                yield return [$"{slot.Slot}", "", "", slot.Label, $"{slot.State}", "", "", share, weight];
            }

            foreach (WorkerStatus worker in slot.Workers)
            {
                double memory = Memory.OfProcess.GetValueOrDefault(worker.ProcessId);
                yield return
                [
                    $"{slot.Slot}", $"{worker.ProcessId}", $"{worker.Generation}", worker.Label, $"{worker.State}",
                    $"{worker.Connections}", $"{memory:0}", share, weight,
                ];
            }
        }
    }
}
