using System.Diagnostics;
using System.Globalization;

namespace WorkerPool.Benchmarks.Accept;

/// <summary>
/// Compares the CPU time of servers for each connection accepted and closed. All servers run at once, each idle but for
/// its turn; the turns of a round follow each other directly, so that whatever disturbs the machine disturbs all alike,
/// and the rounds in which others used the machine most are left out. Absolute values depend on the machine and its load; the ratios within one run are what counts.
/// </summary>
internal static class AcceptBenchmark
{
    // Until the compilers have got to their last tier.
    private const int WarmUpRounds = 5;

    public static int Run(string[] numbers)
    {
        int connections = NumberAt(numbers, 0) ?? 2_000;
        int rounds = NumberAt(numbers, 1) ?? 31;
        int clients = NumberAt(numbers, 2) ?? 8;

        List<ServerProcess> servers = [];
        using CProgram? c = CProgram.TryCompile("Accept/accept.c");
        try
        {
            servers.Add(Start(AcceptTable.AcceptAsync, AcceptServer.AcceptAsync));
            servers.Add(Start(AcceptTable.Sockets, AcceptServer.Sockets));
            servers.Add(Start(AcceptTable.Descriptors, AcceptServer.Descriptors));
            if (c is not null)
            {
                servers.Add(new ServerProcess(AcceptTable.C, c.Path));
            }

            AcceptRound[] all = Measure(servers, connections, rounds, clients);
            AcceptRound[] quietest = [.. all.OrderBy(round => round.ForeignLoad).Take((rounds + 1) / 2)];
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"The quietest {quietest.Length} of {rounds} rounds, turns of {connections} connections, {clients} clients. "
                + $"Others took {quietest.Average(round => round.ForeignLoad):P0} of the CPU ({all.Average(round => round.ForeignLoad):P0} over all rounds)."));
            AcceptTable.Print(quietest);
        }
        finally
        {
            servers.ForEach(server => server.Dispose());
        }

        return 0;
    }

    private static AcceptRound[] Measure(List<ServerProcess> servers, int connections, int rounds, int clients)
    {
        for (int round = 0; round < WarmUpRounds; round++)
        {
            MeasureRound(servers, round, connections, clients);
        }

        return [.. Enumerable.Range(0, rounds).Select(round => MeasureRound(servers, round, connections, clients))];
    }

    private static AcceptRound MeasureRound(List<ServerProcess> servers, int round, int connections, int clients)
    {
        ForeignLoad foreign = new(() => Environment.CpuUsage.TotalTime.TotalMicroseconds + servers.Sum(server => server.CpuMicroseconds()));
        Dictionary<string, AcceptSample> samples = [];
        foreign.Begin();
        for (int turn = 0; turn < servers.Count; turn++)
        {
            // Each is the first one now and then.
            ServerProcess server = servers[(turn + round) % servers.Count];
            samples[server.Name] = Measure(server, connections, clients);
        }

        return new AcceptRound(samples, foreign.End());
    }

    private static AcceptSample Measure(ServerProcess server, int connections, int clients)
    {
        long sleeps = server.Sleeps();
        double cpu = server.CpuMicroseconds();
        long start = Stopwatch.GetTimestamp();
        ConnectLoad.Run(server.Port, connections, clients);
        double elapsed = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
        cpu = server.CpuMicroseconds() - cpu;
        return new AcceptSample(cpu / connections, elapsed / connections, (server.Sleeps() - sleeps) / (double)connections);
    }

    private static ServerProcess Start(string name, string kind) => new(name, Environment.ProcessPath!, "accept-server", kind);

    private static int? NumberAt(string[] numbers, int index) =>
        index < numbers.Length ? int.Parse(numbers[index], CultureInfo.InvariantCulture) : null;
}
