using System.Globalization;
using WorkerPool.WebBenchmarks.Compare;
using WorkerPool.WebBenchmarks.Servers;

namespace WorkerPool.WebBenchmarks.StartUp;

/// <summary>How long the same program takes to start when it was published in different ways, and what memory its workers take.</summary>
internal static class StartUpBenchmark
{
    private const int RequestsPerWorker = 50;

    public static async Task<int> RunAsync(StartUpOptions options)
    {
        List<double[]> memory = [];
        foreach ((string name, string[] command) in options.Programs)
        {
            memory.Add(await MeasureMemoryAsync(name, command, options.Workers));
        }

        List<(double Ready, double FirstReply)>[] times = await MeasureTimesAsync(options);
        string columns = string.Concat(options.Workers.Select(count => $" PSS MB each, {count} workers |"));
        Console.WriteLine($"\n{options.Rounds} starts each, in turns\n");
        Console.WriteLine($"| published as | ready, ms (p90) | first reply, ms (p90) |{columns}");
        Console.WriteLine($"|---|--:|--:|{string.Concat(options.Workers.Select(_ => "--:|"))}");
        for (int i = 0; i < options.Programs.Count; i++)
        {
            double[] ready = [.. times[i].Select(time => time.Ready).Order()];
            double[] reply = [.. times[i].Select(time => time.FirstReply).Order()];
            string megabytes = string.Concat(memory[i].Select(value => string.Create(CultureInfo.InvariantCulture, $" {value:0.0} |")));
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {options.Programs[i].Name} | {Median.Of(ready):0} ({P90(ready):0}) | {Median.Of(reply):0} ({P90(reply):0}) |{megabytes}"));
        }

        return 0;
    }

    private static async Task<List<(double Ready, double FirstReply)>[]> MeasureTimesAsync(StartUpOptions options)
    {
        List<StartedPool> pools = [];
        try
        {
            foreach ((string name, string[] command) in options.Programs)
            {
                pools.Add(await StartedPool.StartAsync(name, command, workers: 1));
            }

            List<(double, double)>[] times = [.. pools.Select(_ => new List<(double, double)>())];
            for (int round = -1; round < options.Rounds; round++)
            {
                for (int i = 0; i < pools.Count; i++)
                {
                    (double, double) time = await pools[i].RestartAsync();
                    if (round >= 0)
                    {
                        times[i].Add(time);
                    }
                }
            }

            return times;
        }
        finally
        {
            foreach (StartedPool pool in pools)
            {
                await pool.DisposeAsync();
            }
        }
    }

    private static async Task<double[]> MeasureMemoryAsync(string name, string[] command, List<int> counts)
    {
        List<double> megabytes = [];
        foreach (int count in counts)
        {
            await using StartedPool pool = await StartedPool.StartAsync(name, command, count);
            for (int i = 0; i < RequestsPerWorker * count; i++)
            {
                await pool.AskAsync();
            }

            megabytes.Add(pool.Processes.Average(ProcessMemory.Megabytes));
        }

        return [.. megabytes];
    }

    private static double P90(double[] sorted) => sorted[(int)(sorted.Length * 0.9)];
}
