using System.Globalization;
using WorkerPool.WebBenchmarks.Load;
using WorkerPool.WebBenchmarks.Servers;

namespace WorkerPool.WebBenchmarks.Compare;

/// <summary>What is compared: <c>[--rounds N] [--seconds S] [--warm-up S] --load WORKLOAD ... SERVER ...</c>; the first server is the baseline.</summary>
internal sealed class CompareOptions
{
    public int Rounds { get; private set; } = 7;

    public double Seconds { get; private set; } = 1;

    /// <summary>For each server and workload, before the first round.</summary>
    public double WarmUpSeconds { get; private set; } = 2;

    public List<Workload> Workloads { get; } = [];

    public List<ServerSpec> Servers { get; } = [];

    public static CompareOptions Parse(string[] arguments)
    {
        CompareOptions options = new();
        for (int i = 0; i < arguments.Length; i++)
        {
            switch (arguments[i])
            {
                case "--rounds":
                    options.Rounds = int.Parse(arguments[++i], CultureInfo.InvariantCulture);
                    break;
                case "--seconds":
                    options.Seconds = double.Parse(arguments[++i], CultureInfo.InvariantCulture);
                    break;
                case "--warm-up":
                    options.WarmUpSeconds = double.Parse(arguments[++i], CultureInfo.InvariantCulture);
                    break;
                case "--load":
                    options.Workloads.Add(Workload.Parse(arguments[++i]));
                    break;
                default:
                    options.Servers.Add(ServerSpec.Parse(arguments[i]));
                    break;
            }
        }

        return options.Workloads.Count > 0 && options.Servers.Count > 0
            ? options
            : throw new FormatException("Give at least one --load and one server.");
    }
}
