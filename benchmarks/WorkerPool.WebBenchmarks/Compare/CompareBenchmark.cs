using WorkerPool.Benchmarks;
using WorkerPool.WebBenchmarks.Load;
using WorkerPool.WebBenchmarks.Servers;

namespace WorkerPool.WebBenchmarks.Compare;

/// <summary>
/// Compares servers. All run at once, each idle but for its turns. A round is one turn of each under one workload,
/// directly after each other, so that whatever disturbs the machine disturbs all alike; a ratio is the median of the
/// ratios within rounds, and of the rounds the half in which others used the machine most is left out.
/// </summary>
internal sealed class CompareBenchmark : IDisposable
{
    private readonly CompareOptions _options;
    private readonly LoadProcess _load = new();
    private readonly List<Server> _servers = [];

    private CompareBenchmark(CompareOptions options) => _options = options;

    public static int Run(CompareOptions options)
    {
        using CompareBenchmark benchmark = new(options);
        benchmark.Run();
        return 0;
    }

    public void Dispose()
    {
        _servers.ForEach(server => server.Dispose());
        _load.Dispose();
    }

    private void Run()
    {
        foreach (ServerSpec spec in _options.Servers)
        {
            _servers.Add(Server.Start(spec));
        }

        _servers.ForEach(WarmUp);
        List<Round>[] rounds = [.. _options.Workloads.Select(_ => new List<Round>())];
        for (int round = 0; round < _options.Rounds; round++)
        {
            for (int workload = 0; workload < rounds.Length; workload++)
            {
                rounds[workload].Add(MeasureRound(_options.Workloads[workload], round));
            }
        }

        double[] megabytes = [.. _servers.Select(server => server.MemoryMegabytes())];
        for (int workload = 0; workload < rounds.Length; workload++)
        {
            CompareTable.Print(_options, _options.Workloads[workload], rounds[workload], megabytes);
        }
    }

    private void WarmUp(Server server)
    {
        // Twice: the compilers wait until no new methods turn up.
        for (int i = 0; i < 2; i++)
        {
            foreach (Workload workload in _options.Workloads)
            {
                Workload closed = workload with { Rate = 0, Connections = Math.Min(64, workload.Connections) };
                _load.Run(new LoadOrder(server.Port, closed, _options.WarmUpSeconds / 2, Seed: 0));
            }
        }
    }

    private Round MeasureRound(Workload workload, int round)
    {
        Turn[] turns = new Turn[_servers.Count];
        ForeignLoad foreign = new(OwnMicroseconds);
        foreign.Begin();
        for (int turn = 0; turn < _servers.Count; turn++)
        {
            // Each is the first one now and then.
            int server = (turn + round) % _servers.Count;
            turns[server] = Measure(_servers[server], workload, seed: round);
            Console.Error.WriteLine($"{round}; {workload}; {_options.Servers[server].Name}; {turns[server]}");
        }

        return new Round(turns, foreign.End());
    }

    private Turn Measure(Server server, Workload workload, int seed)
    {
        double cpu = server.CpuMicroseconds();
        double clientCpu = _load.CpuMicroseconds();
        LoadResult result = _load.Run(new LoadOrder(server.Port, workload, _options.Seconds, seed));
        return new Turn(result, server.CpuMicroseconds() - cpu, _load.CpuMicroseconds() - clientCpu);
    }

    private double OwnMicroseconds() =>
        Environment.CpuUsage.TotalTime.TotalMicroseconds + _load.CpuMicroseconds() + _servers.Sum(server => server.CpuMicroseconds());
}
