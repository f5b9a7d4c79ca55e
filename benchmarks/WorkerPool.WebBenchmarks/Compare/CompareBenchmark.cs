using WorkerPool.WebBenchmarks.Load;
using WorkerPool.WebBenchmarks.Servers;

namespace WorkerPool.WebBenchmarks.Compare;

/// <summary>
/// Compares servers. All run at once, each idle but for its turns. A round is one turn of each server under each
/// workload; within a workload the turns follow each other directly, so that whatever disturbs the machine disturbs all
/// alike, and a ratio is the median of the ratios within rounds.
/// </summary>
internal static class CompareBenchmark
{
    public static int Run(CompareOptions options)
    {
        using LoadProcess load = new();
        List<Server> servers = [];
        try
        {
            servers.AddRange(options.Servers.Select(Server.Start));
            foreach (Server server in servers)
            {
                WarmUp(load, server, options);
            }

            List<Turn>[,] turns = new List<Turn>[options.Workloads.Count, servers.Count];
            for (int round = 0; round < options.Rounds; round++)
            {
                MeasureRound(load, servers, options, turns, round);
            }

            CompareTable.Print(options, turns, [.. servers.Select(server => server.MemoryMegabytes())]);
        }
        finally
        {
            servers.ForEach(server => server.Dispose());
        }

        return 0;
    }

    private static void WarmUp(LoadProcess load, Server server, CompareOptions options)
    {
        // Twice: the compilers wait until no new methods turn up.
        for (int i = 0; i < 2; i++)
        {
            foreach (Workload workload in options.Workloads)
            {
                Workload closed = workload with { Rate = 0, Connections = Math.Min(64, workload.Connections) };
                load.Run(new LoadOrder(server.Port, closed, options.WarmUpSeconds / 2, Seed: 0));
            }
        }
    }

    private static void MeasureRound(
        LoadProcess load, List<Server> servers, CompareOptions options, List<Turn>[,] turns, int round)
    {
        for (int workload = 0; workload < options.Workloads.Count; workload++)
        {
            for (int turn = 0; turn < servers.Count; turn++)
            {
                // Each is the first one now and then.
                int server = (turn + round) % servers.Count;
                Turn measured = Measure(load, servers[server], options.Workloads[workload], options.Seconds, seed: round);
                (turns[workload, server] ??= []).Add(measured);
                Console.Error.WriteLine($"{round}; {options.Workloads[workload]}; {options.Servers[server].Name}; {measured}");
            }
        }
    }

    private static Turn Measure(LoadProcess load, Server server, Workload workload, double seconds, int seed)
    {
        double cpu = server.CpuMicroseconds();
        LoadResult result = load.Run(new LoadOrder(server.Port, workload, seconds, seed));
        return new Turn(result, server.CpuMicroseconds() - cpu);
    }
}
