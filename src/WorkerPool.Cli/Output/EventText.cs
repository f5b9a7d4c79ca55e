using System.Globalization;
using System.Text;

namespace WorkerPool.Cli.Output;

/// <summary>An event as a line. Pure.</summary>
internal static class EventText
{
    public static string Of(PoolEvent happened)
    {
        StringBuilder line = new();
        line.Append(CultureInfo.InvariantCulture, $"{happened.Time.ToLocalTime():HH:mm:ss.fff} {happened.Kind,-20}");
        if (happened.Slot is int slot)
        {
            line.Append(CultureInfo.InvariantCulture, $" slot {slot}");
        }

        if (happened.ProcessId is int process)
        {
            line.Append(CultureInfo.InvariantCulture, $" process {process}");
        }

        if (happened.Label is string label)
        {
            line.Append(CultureInfo.InvariantCulture, $" {label}");
        }

        return line.Append(": ").Append(happened.Message).ToString();
    }
}
