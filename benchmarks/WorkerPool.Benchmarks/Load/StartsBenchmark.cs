using System.Diagnostics;
using System.Globalization;

namespace WorkerPool.Benchmarks.Load;

/// <summary>All workers of a pool die at once: when do they serve again, by how many may start at a time?</summary>
internal static class StartsBenchmark
{
    private const int Rounds = 3;
    private const int WarmUpConnections = 300;

    public static async Task<int> RunAsync(string[] numbers)
    {
        int workers = numbers.Length > 0 ? int.Parse(numbers[0], CultureInfo.InvariantCulture) : 16;
        Console.WriteLine("| workers that waits before it is ready, ms | start at a time | first ready, s | half of them, s | all, s |");
        Console.WriteLine("|--:|--:|--:|--:|--:|");
        int processors = Environment.ProcessorCount;
        foreach (int delay in (int[])[0, 500])
        {
            foreach (int parallel in (int[])[processors, 2 * processors, 4 * processors, workers])
            {
                await MeasureAsync(workers, delay, parallel);
            }
        }

        return 0;
    }

    private static async Task MeasureAsync(int workers, int delay, int parallel)
    {
        PoolOptions options = new()
        {
            WorkerCount = workers,
            ParallelStarts = parallel,
            Release = LoadWorker.Release(delay, WarmUpConnections),
        };
        options.Respawn.StableAfter = TimeSpan.Zero; // no wait after a death
        options.Listen("load", "127.0.0.1:0");
        await using Master master = await Master.StartAsync(options);
        double[][] rounds = new double[Rounds][];
        for (int round = 0; round < Rounds; round++)
        {
            rounds[round] = await KillAllAsync(master, workers);
        }

        double Median(int index) => rounds.Select(round => round[index]).Order().ElementAt(Rounds / 2);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"| {delay} | {parallel} | {Median(0):F2} | {Median((workers - 1) / 2):F2} | {Median(workers - 1):F2} |"));
    }

    /// <summary>The seconds after which each was ready again, in order.</summary>
    private static async Task<double[]> KillAllAsync(Master master, int workers)
    {
        IAsyncEnumerable<PoolEvent> events = master.ReadEventsAsync();
        int[] processes = [.. master.Status.Slots.Select(slot => slot.Workers.Single().ProcessId)];
        long start = Stopwatch.GetTimestamp();
        foreach (int process in processes)
        {
            using Process worker = Process.GetProcessById(process);
            worker.Kill();
        }

        List<double> ready = [];
        await foreach (PoolEvent happened in events)
        {
            if (happened.Kind == PoolEventKind.WorkerReady)
            {
                ready.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
                if (ready.Count == workers)
                {
                    break;
                }
            }
        }

        return [.. ready];
    }
}
