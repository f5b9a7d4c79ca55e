using System.Globalization;

namespace WorkerPool.Cli.Output;

/// <summary>An event as a line. Pure.</summary>
internal static class EventText
{
    public static string Of(PoolEvent happened)
    {
        string?[] parts =
        [
            happened.Slot is int slot ? Text($"slot {slot}") : null,
            happened.ProcessId is int process ? Text($"process {process}") : null,
            happened.Label,
        ];
        string subject = string.Join(' ', parts.OfType<string>());
        string line = $"{Text($"{happened.Time.ToLocalTime():HH:mm:ss.fff} {happened.Kind,-20}")} {subject}{(subject.Length > 0 ? ": " : "")}{happened.Message}";
        return Harmless.Text(line);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
