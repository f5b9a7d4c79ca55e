using System.Diagnostics;
using WorkerPool;

namespace ZeroDowntime.Measure;

/// <summary>Samples memory and versions of a pool about ten times a second, and what that costs.</summary>
internal sealed class Sampler(Master master, TimeSpan offset)
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(100);

    private readonly List<Sample> _samples = [];
    private readonly long _start = Stopwatch.GetTimestamp();
    private TimeSpan _cost;

    /// <summary>The newest sample. Thread-safe.</summary>
    public Sample Last { get; private set; } = Sample.Empty;

    /// <summary>All samples. Only after <see cref="RunAsync"/> has ended.</summary>
    public IReadOnlyList<Sample> Samples => _samples;

    /// <summary>How long one sample takes, on average, in milliseconds.</summary>
    public double CostMilliseconds => _samples.Count == 0 ? 0 : _cost.TotalMilliseconds / _samples.Count;

    /// <summary>Runs until the token is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using PeriodicTimer timer = new(Period);
        try
        {
            do
            {
                long begin = Stopwatch.GetTimestamp();
                _samples.Add(Last = Take());
                _cost += Stopwatch.GetElapsedTime(begin);
            }
            while (await timer.WaitForNextTickAsync(cancellationToken));
        }
        catch (OperationCanceledException)
        {
            // Enough.
        }
    }

    private Sample Take()
    {
        TimeSpan time = offset + Stopwatch.GetElapsedTime(_start);
        WorkerStatus[] workers = [.. master.Status.Slots.SelectMany(slot => slot.Workers)];
        Dictionary<int, double> memory = workers.Select(worker => worker.ProcessId)
            .Append(Environment.ProcessId)
            .Distinct()
            .ToDictionary(process => process, ProcessMemory.ReadMegabytes);
        Dictionary<string, int> ready = workers.Where(worker => worker.State == WorkerState.Ready)
            .CountBy(worker => worker.Label)
            .ToDictionary();
        return new Sample(time, memory.Values.Sum(), memory, ready);
    }
}
