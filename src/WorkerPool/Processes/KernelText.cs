using System.Globalization;

namespace WorkerPool.Processes;

/// <summary>Reads the small texts of /proc and of cgroups: fields such as <c>Pss: 12 kB</c> or <c>inactive_file 4096</c>.</summary>
internal static class KernelText
{
    private const long BytesPerKilobyte = 1024;

    /// <summary>The value of a field in bytes; null if there is none, or none that is a number.</summary>
    public static long? Bytes(string text, string field)
    {
        string[]? words = Field(text, field);
        return words is null || Number(words[0]) is not long number ? null
            : words.Length == 1 ? number
            : words is [_, "kB"] ? Saturate((Int128)number * BytesPerKilobyte)
            : null;
    }

    /// <summary>The words of the line that begins with this name, with or without a colon; null if there is none.</summary>
    public static string[]? Field(string text, string field)
    {
        foreach (string line in text.Split('\n'))
        {
            string[] words = line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (words.Length > 1 && words[0].AsSpan().TrimEnd(':').SequenceEqual(field))
            {
                return words[1..];
            }
        }

        return null;
    }

    /// <summary>A number that is not negative; one that is too large is the largest. Null if it is none.</summary>
    public static long? Number(string? text) =>
        UInt128.TryParse(text?.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out UInt128 number)
            ? (long)UInt128.Min(number, long.MaxValue)
            : null;

    private static long Saturate(Int128 number) => (long)Int128.Min(number, long.MaxValue);
}
