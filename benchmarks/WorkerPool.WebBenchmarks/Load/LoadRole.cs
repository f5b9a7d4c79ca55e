using System.Text.Json;

namespace WorkerPool.WebBenchmarks.Load;

/// <summary>The process of the load generator: an order by line on standard input, a result by line on standard output.</summary>
internal static class LoadRole
{
    public const string Name = "load";

    public static int Run()
    {
        Native.ExactTimers();
        Latencies latencies = new();
        while (Console.In.ReadLine() is string line)
        {
            LoadOrder order = JsonSerializer.Deserialize<LoadOrder>(line)!;
            using LoadLoop loop = new(order.Port, order.Workload, latencies);
            Console.Out.WriteLine(JsonSerializer.Serialize(loop.Run(TimeSpan.FromSeconds(order.Seconds), order.Seed)));
        }

        return 0;
    }
}
