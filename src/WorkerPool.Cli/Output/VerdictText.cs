using System.Text;
using WorkerPool.Supervision;

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
            text.Append(" in ").Append(DurationText.FormatTaken(verdict.Duration));
        }

        text.Append(": ").Append(Harmless.Text(verdict.Message)).Append('\n');
        if (verdict.ConnectionsCut > 0)
        {
            text.Append(Counted.Of(verdict.ConnectionsCut, "connection")).Append(" cut at the deadline.\n");
        }

        foreach (string line in verdict.LastErrorLines)
        {
            text.Append("  | ").Append(Harmless.Text(line)).Append('\n');
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
}
