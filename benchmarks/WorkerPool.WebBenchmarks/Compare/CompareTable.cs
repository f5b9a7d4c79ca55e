using System.Globalization;
using WorkerPool.WebBenchmarks.Load;

namespace WorkerPool.WebBenchmarks.Compare;

/// <summary>Medians over the quieter rounds, and medians of the ratios to the first server within them.</summary>
internal static class CompareTable
{
    public static void Print(CompareOptions options, Workload workload, List<Round> all, double[] megabytes)
    {
        Round[] quietest = [.. all.OrderBy(round => round.ForeignLoad).Take((all.Count / 2) + 1)];
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"\n**{workload}**, the quietest {quietest.Length} of {all.Count} rounds, turns of {options.Seconds} s; others took "
            + $"{quietest.Average(round => round.ForeignLoad):P1} of the CPU ({all.Average(round => round.ForeignLoad):P1} in all rounds)\n"));
        Console.WriteLine("| server | requests/s | × | range of × | CPU µs/request | × | p50 µs | p99 µs | × | PSS MB | failed |");
        Console.WriteLine("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|");
        for (int server = 0; server < options.Servers.Count; server++)
        {
            PrintRow(
                options.Servers[server].Name,
                [.. quietest.Select(round => round.Turns[server])],
                [.. quietest.Select(round => round.Turns[0])],
                megabytes[server],
                [.. all.Select(round => round.Turns[server].Load)]);
        }
    }

    private static void PrintRow(string name, Turn[] turns, Turn[] baseline, double megabytes, LoadResult[] all)
    {
        double[] speed = Ratios(turns, baseline, static turn => turn.Load.PerSecond);
        string? failure = all.Select(load => load.FirstFailure).FirstOrDefault(text => text is not null);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {name} | {Of(turns, t => t.Load.PerSecond):0} | {Median.Of(speed):0.00} | {speed.Min():0.00}–{speed.Max():0.00} "
            + $"| {Of(turns, t => t.CpuPerRequest):0.0} | {Median.Of(Ratios(turns, baseline, static t => t.CpuPerRequest)):0.00} "
            + $"| {Of(turns, t => t.Load.P50Microseconds):0} | {Of(turns, t => t.Load.P99Microseconds):0} "
            + $"| {Median.Of(Ratios(turns, baseline, static t => t.Load.P99Microseconds)):0.00} "
            + $"| {megabytes:0} | {all.Sum(load => load.Failed)}{(failure is null ? "" : $" ({failure})")} |"));
    }

    private static double Of(Turn[] turns, Func<Turn, double> value) => Median.Of(turns.Select(value));

    private static double[] Ratios(Turn[] turns, Turn[] baseline, Func<Turn, double> value) =>
        [.. turns.Zip(baseline, (turn, first) => value(turn) / value(first))];
}
