using System.Globalization;

namespace WorkerPool.Processes;

/// <summary>What /proc/PID/stat says of a process, proc(5).</summary>
internal readonly record struct ProcessStat(int Id, bool IsZombie, int Parent, int Group, ulong StartTime)
{
    // The fields behind the name, counted from 0.
    private const int State = 0;
    private const int ParentField = 1;
    private const int GroupField = 2;
    private const int StartTimeField = 19;

    /// <param name="directory">Such as <c>/proc/17</c>.</param>
    /// <returns>Null: it is gone, or not for these eyes.</returns>
    public static ProcessStat? TryRead(string directory)
    {
        try
        {
            return Parse(File.ReadAllText(Path.Combine(directory, "stat")));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <exception cref="FormatException">It is something else.</exception>
    public static ProcessStat Parse(string text)
    {
        // The name, in parentheses, may hold anything.
        int end = text.LastIndexOf(')');
        string[] fields = text[(end + 2)..].Split(' ');
        return new ProcessStat(
            Number(text[..text.IndexOf(' ', StringComparison.Ordinal)]),
            fields[State] == "Z",
            Number(fields[ParentField]),
            Number(fields[GroupField]),
            ulong.Parse(fields[StartTimeField], CultureInfo.InvariantCulture));
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
