using System.Globalization;

namespace WorkerPool.Hosting.Configuration;

/// <summary>Values of the configuration: text that has to mean something, or a <see cref="FormatException"/> that says what is allowed.</summary>
internal static class ValueText
{
    private static readonly (string Unit, TimeSpan Length)[] Units =
    [
        ("ms", TimeSpan.FromMilliseconds(1)), ("s", TimeSpan.FromSeconds(1)), ("m", TimeSpan.FromMinutes(1)),
        ("h", TimeSpan.FromHours(1)), ("d", TimeSpan.FromDays(1)),
    ];

    public static int Int32(string text) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value)
            ? value
            : throw new FormatException("a whole number is allowed.");

    public static long Int64(string text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value)
            ? value
            : throw new FormatException("a whole number is allowed.");

    public static double Double(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value)
            ? value
            : throw new FormatException("a number is allowed, with a point for the fraction.");

    /// <summary>What a resource may be limited to: a number, or <c>unlimited</c> as ulimit has it.</summary>
    public static long Limit(string text) =>
        text == "unlimited" ? WorkerProcessOptions.Unlimited
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long value) ? value
        : throw new FormatException("a whole number or unlimited is allowed.");

    /// <summary>Values with commas between them.</summary>
    public static string[] List(string text) => text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    public static bool Boolean(string text) =>
        bool.TryParse(text, out bool value) ? value : throw new FormatException("true or false is allowed.");

    /// <summary>As <c>00:00:30</c>, or with a unit. A bare number is refused: it would be days.</summary>
    public static TimeSpan Time(string text)
    {
        if (text.Contains(':', StringComparison.Ordinal) && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out TimeSpan time))
        {
            return time;
        }

        foreach ((string unit, TimeSpan length) in Units)
        {
            if (text.EndsWith(unit, StringComparison.Ordinal)
                && double.TryParse(text[..^unit.Length], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double count)
                && count * length.TotalDays < TimeSpan.MaxValue.TotalDays)
            {
                return length * count;
            }
        }

        throw new FormatException("a time is allowed, such as 00:00:30, 30s, 500ms, 5m, 1h or 1d.");
    }

    public static T Enum<T>(string text)
        where T : struct, Enum =>
        System.Enum.TryParse(text, ignoreCase: true, out T value) && System.Enum.IsDefined(value) && !char.IsAsciiDigit(text[0])
            ? value
            : throw new FormatException($"allowed is one of {string.Join(", ", System.Enum.GetNames<T>())}.");

    /// <summary>The permissions of a file, in octal as chmod(1) takes them.</summary>
    public static UnixFileMode Mode(string text)
    {
        try
        {
            return text.Length is >= 3 and <= 4 && text.All(char.IsAsciiDigit)
                ? (UnixFileMode)Convert.ToInt32(text, 8)
                : throw new FormatException();
        }
        catch (FormatException)
        {
            throw new FormatException("permissions in octal are allowed, such as 0660.");
        }
    }
}
