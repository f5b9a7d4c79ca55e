using System.Diagnostics;
using System.Globalization;

namespace WorkerPool.Benchmarks.Accept;

/// <summary>
/// Compares the CPU time of servers for each connection accepted and closed. All servers run at once, each idle but for
/// its turn; the turns of a round follow each other directly, so that whatever disturbs the machine disturbs all alike.
/// Absolute values depend on the machine and its load; the ratios within one run are what counts.
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

            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{rounds} rounds of turns of {connections} connections, {clients} clients"));
            AcceptTable.Print(Measure(servers, connections, rounds, clients));
        }
        finally
        {
            servers.ForEach(server => server.Dispose());
        }

        return 0;
    }

    private static Dictionary<string, AcceptSample[]> Measure(List<ServerProcess> servers, int connections, int rounds, int clients)
    {
        Dictionary<string, AcceptSample[]> samples = servers.ToDictionary(server => server.Name, _ => new AcceptSample[rounds]);
        for (int round = -WarmUpRounds; round < rounds; round++)
        {
            for (int turn = 0; turn < servers.Count; turn++)
            {
                // Nobody always follows the same one.
                ServerProcess server = servers[(turn + round + WarmUpRounds) % servers.Count];
                AcceptSample sample = Measure(server, connections, clients);
                if (round >= 0)
                {
                    samples[server.Name][round] = sample;
                }
            }
        }

        return samples;
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
