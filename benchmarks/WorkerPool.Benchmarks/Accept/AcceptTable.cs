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

    public static void Print(AcceptRound[] rounds)
    {
        Console.WriteLine();
        Console.WriteLine("| server | CPU µs | quartiles | × C | × AcceptAsync | elapsed µs | sleeps |");
        Console.WriteLine("|---|--:|--:|--:|--:|--:|--:|");
        foreach (string name in Order)
        {
            Console.WriteLine(rounds[0].Of.ContainsKey(name) ? Line(rounds, name) : $"| {name} | not available (no gcc) | | | | | |");
        }

        Console.WriteLine();
        PrintGoal("descriptors ≤ 1.2 × C", Ratio(rounds, Descriptors, C), 1.2);
        PrintGoal("Socket ≤ 0.7 × AcceptAsync (the baseline)", Ratio(rounds, Sockets, AcceptAsync), 0.7);
    }

    private static string Line(AcceptRound[] rounds, string name)
    {
        double[] cpu = Sorted(rounds, round => round.Of[name].Cpu);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"| {name} | {At(cpu, 0.5):F2} | {At(cpu, 0.25):F2}–{At(cpu, 0.75):F2} | {Ratio(rounds, name, C):F2} | {Ratio(rounds, name, AcceptAsync):F2} "
            + $"| {At(Sorted(rounds, round => round.Of[name].Elapsed), 0.5):F1} | {At(Sorted(rounds, round => round.Of[name].Sleeps), 0.5):F2} |");
    }

    private static void PrintGoal(string goal, double? ratio, double limit)
    {
        string result = ratio is double value
            ? string.Create(CultureInfo.InvariantCulture, $"{value:F2}, {(value <= limit ? "met" : "missed")}")
            : "not available";
        Console.WriteLine($"Goal: {goal}: {result}");
    }

    private static double? Ratio(AcceptRound[] rounds, string name, string baseline) =>
        rounds[0].Of.ContainsKey(baseline)
            ? At(Sorted(rounds, round => round.Of[name].Cpu / round.Of[baseline].Cpu), 0.5)
            : null;

    private static double[] Sorted(AcceptRound[] rounds, Func<AcceptRound, double> value) => [.. rounds.Select(value).Order()];

    private static double At(double[] sorted, double part) => sorted[(int)Math.Round((sorted.Length - 1) * part)];
}
