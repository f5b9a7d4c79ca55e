using System.Globalization;

namespace WorkerPool.Benchmarks.Load;

/// <summary>
/// One of four workers, of one thread each, stalls for 20 ms in 1 % of its connections. What do clients of the pool notice:
/// with a queue for each worker, with balance, and with one queue that all share?
/// </summary>
internal static class BalanceBenchmark
{
    private const int Workers = 4;
    private const int Rate = 1500;

    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Measured = TimeSpan.FromSeconds(8);

    public static async Task<int> RunAsync()
    {
        using CProgram? load = CProgram.TryCompile("Load/load.c");
        using CProgram? server = CProgram.TryCompile("Load/server.c");
        if (load is null || server is null)
        {
            Console.Error.WriteLine("This benchmark needs gcc: a worker of one thread.");
            return 1;
        }

        Release quiet = Release.Create(server.Path);
        Release stalling = Release.Create(server.Path, ["0", "1", "20"]);
        string shared = Path.Combine(Path.GetDirectoryName(server.Path)!, "shared");
        const string tcp = "127.0.0.1:0";
        Console.WriteLine("| queues | stalls | connections | lost | p50 | p90 | p99 | p99.9, ms | part of the slot that stalls |");
        Console.WriteLine("|---|---|--:|--:|--:|--:|--:|--:|--:|");
        await MeasureAsync("one for each worker", quiet, tcp, null, load);
        await MeasureAsync("one for each worker", stalling, tcp, null, load);
        await MeasureAsync("one for each worker, balance 5 ms", quiet, tcp, TimeSpan.FromMilliseconds(5), load);
        await MeasureAsync("one for each worker, balance 5 ms", stalling, tcp, TimeSpan.FromMilliseconds(5), load);
        await MeasureAsync("one for each worker, balance 1 ms", stalling, tcp, TimeSpan.FromMilliseconds(1), load);
        await MeasureAsync("one for all (Unix)", quiet, $"unix:{shared}", null, load);
        await MeasureAsync("one for all (Unix)", stalling, $"unix:{shared}", null, load);
        return 0;
    }

    private static async Task MeasureAsync(string name, Release release, string address, TimeSpan? period, CProgram load)
    {
        PoolOptions options = new() { WorkerCount = Workers, Release = release };
        options.Steering.BalancePeriod = period;
        options.Listen("load", address);
        await using Master master = await Master.StartAsync(options);
        using LoadClients clients = LoadClients.Start(load, master.GetEndPoint("load"));
        clients.Phase("settling");
        clients.Rate(Rate);
        await Task.Delay(Settling);
        clients.Phase("measured");
        await Task.Delay(Measured);
        clients.Phase("end");
        LoadPhase phase = (await clients.StopAsync())["measured"];
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {name} | {(release.Arguments.Count > 0 ? "1 % of 20 ms in slot 0" : "none")} | {phase.Served} | {phase.Lost} | {phase.P50:F2} | {phase.P90:F2} | {phase.P99:F2} | {phase.P999:F2} | {phase.Slots[0] / (double)phase.Served:P1} |"));
    }
}
