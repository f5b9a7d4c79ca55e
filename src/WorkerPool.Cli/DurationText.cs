using System.Globalization;

namespace WorkerPool.Cli;

/// <summary>Times as people write them: <c>500ms</c>, <c>5s</c>, <c>1.5m</c>, <c>2h</c>; a number alone is seconds.</summary>
internal static class DurationText
{
    private static readonly (string Unit, double Seconds)[] Units = [("ms", 0.001), ("s", 1), ("m", 60), ("h", 3600)];

    public static bool TryParse(string text, out TimeSpan time)
    {
        (string unit, double seconds) = Units.FirstOrDefault(unit => text.EndsWith(unit.Unit, StringComparison.Ordinal), ("", 1));
        bool read = double.TryParse(text.AsSpan(0, text.Length - unit.Length), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value);
        double total = value * seconds;
        bool valid = read && total < 1e9;
        time = valid ? TimeSpan.FromSeconds(total) : default;
        return valid;
    }

    /// <summary>Short, for tables: two units at most.</summary>
    public static string Format(TimeSpan time) => time switch
    {
        { TotalSeconds: < 60 } => Text($"{time.TotalSeconds:0}s"),
        { TotalMinutes: < 60 } => Text($"{time.Minutes}m{time.Seconds:00}s"),
        { TotalHours: < 24 } => Text($"{time.Hours}h{time.Minutes:00}m"),
        _ => Text($"{(int)time.TotalDays}d{time.Hours:00}h"),
    };

    /// <summary>How long something took, as exact as it is of interest.</summary>
    public static string FormatTaken(TimeSpan time) => time switch
    {
        { TotalMilliseconds: < 999.5 } => Text($"{time.TotalMilliseconds:0}ms"),
        { TotalSeconds: < 60 } => Text($"{time.TotalSeconds:0.0}s"),
        _ => Format(time),
    };

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
