using System.Globalization;
using System.Text;

namespace WorkerPool.Cli.Output;

/// <summary>A verdict in words. Pure.</summary>
internal static class VerdictText
{
    public static string Of(Verdict verdict)
    {
        StringBuilder text = new();
        text.Append(NameOf(verdict.Outcome));
        if (verdict.Duration > TimeSpan.Zero)
        {
            text.Append(CultureInfo.InvariantCulture, $" in {verdict.Duration.TotalSeconds:0.0}s");
        }

        text.Append(": ").Append(verdict.Message).Append('\n');
        if (verdict.ConnectionsCut > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"{verdict.ConnectionsCut} connections were cut at the deadline.\n");
        }

        foreach (string line in verdict.LastErrorLines)
        {
            text.Append("  | ").Append(Harmless(line)).Append('\n');
        }

        return text.ToString();
    }

    private static string NameOf(Outcome outcome) => outcome switch
    {
        Outcome.Done => "done",
        Outcome.Failed => "failed",
        Outcome.RolledBack => "rolled back",
        _ => "refused",
    };

    /// <summary>What a worker wrote may hold anything, also what changes a terminal.</summary>
    private static string Harmless(string line) => string.Concat(line.Select(c => char.IsControl(c) && c != '\t' ? '\uFFFD' : c));
}
