using System.Globalization;
using WorkerPool.WebBenchmarks.Load;

namespace WorkerPool.WebBenchmarks.Compare;

/// <summary>Medians over the rounds, and medians of the ratios to the first server within rounds.</summary>
internal static class CompareTable
{
    public static void Print(CompareOptions options, List<Turn>[,] turns, double[] megabytes)
    {
        for (int workload = 0; workload < options.Workloads.Count; workload++)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"\n**{options.Workloads[workload]}**, {options.Rounds} rounds of {options.Seconds} s\n"));
            Console.WriteLine("| server | requests/s | × | range of × | CPU µs/request | × | p50 µs | p99 µs | × | PSS MB | failed |");
            Console.WriteLine("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|");
            for (int server = 0; server < options.Servers.Count; server++)
            {
                PrintRow(options.Servers[server].Name, turns[workload, server], turns[workload, 0], megabytes[server]);
            }
        }
    }

    private static void PrintRow(string name, List<Turn> turns, List<Turn> baseline, double megabytes)
    {
        double[] speed = Ratios(turns, baseline, static turn => turn.Load.PerSecond);
        long failed = turns.Sum(turn => turn.Load.Failed);
        string? failure = turns.Select(turn => turn.Load.FirstFailure).FirstOrDefault(text => text is not null);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {name} | {Of(turns, t => t.Load.PerSecond):0} | {Median.Of(speed):0.00} | {speed.Min():0.00}–{speed.Max():0.00} "
            + $"| {Of(turns, t => t.CpuPerRequest):0.0} | {Median.Of(Ratios(turns, baseline, static t => t.CpuPerRequest)):0.00} "
            + $"| {Of(turns, t => t.Load.P50Microseconds):0} | {Of(turns, t => t.Load.P99Microseconds):0} "
            + $"| {Median.Of(Ratios(turns, baseline, static t => t.Load.P99Microseconds)):0.00} "
            + $"| {megabytes:0} | {failed}{(failure is null ? "" : $" ({failure})")} |"));
    }

    private static double Of(List<Turn> turns, Func<Turn, double> value) => Median.Of(turns.Select(value));

    private static double[] Ratios(List<Turn> turns, List<Turn> baseline, Func<Turn, double> value) =>
        [.. turns.Zip(baseline, (turn, first) => value(turn) / value(first))];
}
