using System.Globalization;

namespace WorkerPool.Benchmarks.Accept;

/// <summary>
/// Prints medians over the rounds. A ratio is the median of the ratios within the rounds, not the ratio of the medians:
/// turns that follow each other are disturbed alike.
/// </summary>
internal static class AcceptTable
{
    public const string C = "C, epoll + accept4";
    public const string Descriptors = "WorkerPool, descriptors";
    public const string Sockets = "WorkerPool, Socket";
    public const string AcceptAsync = "Socket.AcceptAsync";

    private static readonly string[] Order = [C, Descriptors, Sockets, AcceptAsync];

    public static void Print(Dictionary<string, AcceptSample[]> samples)
    {
        Console.WriteLine();
        Console.WriteLine("| server | CPU µs | quartiles | × C | × AcceptAsync | elapsed µs | sleeps |");
        Console.WriteLine("|---|--:|--:|--:|--:|--:|--:|");
        foreach (string name in Order)
        {
            Console.WriteLine(samples.TryGetValue(name, out AcceptSample[]? values) ? Line(name, values, samples) : $"| {name} | not available (no gcc) | | | | | |");
        }

        Console.WriteLine();
        PrintGoal("descriptors ≤ 1.2 × C", Ratio(samples, Descriptors, C), 1.2);
        PrintGoal("Socket ≤ 0.7 × AcceptAsync (the baseline)", Ratio(samples, Sockets, AcceptAsync), 0.7);
    }

    private static string Line(string name, AcceptSample[] values, Dictionary<string, AcceptSample[]> samples)
    {
        double[] cpu = [.. values.Select(sample => sample.Cpu).Order()];
        return string.Create(
            CultureInfo.InvariantCulture,
            $"| {name} | {At(cpu, 0.5):F2} | {At(cpu, 0.25):F2}–{At(cpu, 0.75):F2} | {Ratio(samples, name, C):F2} | {Ratio(samples, name, AcceptAsync):F2} "
            + $"| {Median(values.Select(sample => sample.Elapsed)):F1} | {Median(values.Select(sample => sample.Sleeps)):F2} |");
    }

    private static void PrintGoal(string goal, double? ratio, double limit)
    {
        string verdict = ratio is null ? "not available" : ratio <= limit ? "met" : "missed";
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Goal: {goal}: {ratio:F2}, {verdict}"));
    }

    private static double? Ratio(Dictionary<string, AcceptSample[]> samples, string name, string baseline) =>
        samples.TryGetValue(baseline, out AcceptSample[]? bases)
            ? Median(samples[name].Zip(bases, (sample, other) => sample.Cpu / other.Cpu))
            : null;

    private static double Median(IEnumerable<double> values) => At([.. values.Order()], 0.5);

    private static double At(double[] sorted, double part) => sorted[(int)Math.Round((sorted.Length - 1) * part)];
}
