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
    public static int Run(string[] numbers)
    {
        int connections = numbers.Length > 0 ? int.Parse(numbers[0], CultureInfo.InvariantCulture) : 10_000;
        int rounds = numbers.Length > 1 ? int.Parse(numbers[1], CultureInfo.InvariantCulture) : 11;

        List<ServerProcess> servers = [];
        try
        {
            if (CompileC() is { } compiled)
            {
                servers.Add(new ServerProcess("C, epoll + accept4", compiled));
            }
            else
            {
                Console.WriteLine("C, epoll + accept4: not available (no gcc)");
            }

            servers.Add(Start("WorkerPool, descriptors", AcceptServer.Descriptors));
            servers.Add(Start("WorkerPool, Socket", AcceptServer.Sockets));
            servers.Add(Start("Socket.AcceptAsync", AcceptServer.AcceptAsync));
            Print(Measure(servers, connections, rounds), connections, rounds);
        }
        finally
        {
            servers.ForEach(server => server.Dispose());
        }

        return 0;
    }

    private static Dictionary<string, List<Sample>> Measure(List<ServerProcess> servers, int connections, int rounds)
    {
        Dictionary<string, List<Sample>> samples = servers.ToDictionary(server => server.Name, _ => new List<Sample>());

        // The first rounds warm up: the compilers get to their last tier.
        const int WarmUp = 3;
        for (int round = -WarmUp; round < rounds; round++)
        {
            for (int i = 0; i < servers.Count; i++)
            {
                ServerProcess server = servers[(i + round + WarmUp) % servers.Count];
                Sample sample = Measure(server, connections);
                if (round >= 0)
                {
                    samples[server.Name].Add(sample);
                }
            }
        }

        return samples;
    }

    private static Sample Measure(ServerProcess server, int connections)
    {
        long sleeps = server.Sleeps();
        double cpu = server.CpuMicroseconds();
        long start = Stopwatch.GetTimestamp();
        ConnectLoad.Run(server.Port, connections);
        double elapsed = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
        cpu = server.CpuMicroseconds() - cpu;
        return new Sample(cpu / connections, elapsed / connections, (server.Sleeps() - sleeps) / (double)connections);
    }

    private static void Print(Dictionary<string, List<Sample>> samples, int connections, int rounds)
    {
        Console.WriteLine($"CPU of the server per connection; medians of {rounds} rounds of {connections} connections");
        Console.WriteLine(
            $"{"",-26}{"CPU µs",8}{"min",8}{"max",8}{"× first",10}{"× last",10}{"elapsed µs",12}{"sleeps",8}");
        double first = Median(samples.First().Value, sample => sample.Cpu), last = Median(samples.Last().Value, sample => sample.Cpu);
        foreach ((string name, List<Sample> values) in samples)
        {
            double cpu = Median(values, sample => sample.Cpu);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{name,-26}{cpu,8:F2}{values.Min(sample => sample.Cpu),8:F2}{values.Max(sample => sample.Cpu),8:F2}"
                + $"{cpu / first,10:F2}{cpu / last,10:F2}{Median(values, sample => sample.Elapsed),12:F1}"
                + $"{Median(values, sample => sample.Sleeps),8:F2}"));
        }
    }

    private static double Median(List<Sample> samples, Func<Sample, double> value)
    {
        double[] sorted = [.. samples.Select(value).Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    private static ServerProcess Start(string name, string kind) => new(name, Environment.ProcessPath!, "accept-server", kind);

    private static string? CompileC()
    {
        string output = Path.Combine(Path.GetTempPath(), $"workerpool-accept-{Environment.ProcessId}");
        try
        {
            using Process gcc = Process.Start("gcc", ["-O2", "-o", output, Path.Combine(AppContext.BaseDirectory, "Accept", "accept.c")]);
            gcc.WaitForExit();
            return gcc.ExitCode == 0 ? output : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    /// <summary>Per connection. Few sleeps mean that the server finds many connections whenever it wakes up.</summary>
    private readonly record struct Sample(double Cpu, double Elapsed, double Sleeps);
}
