using System.CommandLine;
using System.CommandLine.Parsing;

namespace WorkerPool.Cli.Commands;

/// <summary>Arguments and options that several commands have.</summary>
internal static class Arguments
{
    public static Argument<int> Slot() => new("SLOT") { Description = "The number of the slot, from 0." };

    /// <summary>A time, such as <c>500ms</c>, <c>5s</c> or <c>2m</c>.</summary>
    public static Option<TimeSpan?> Time(string name, string description) => new(name)
    {
        Description = description + " Such as 500ms, 5s, 2m, 1h; a number alone is seconds.",
        HelpName = "TIME",
        CustomParser = ParseTime,
    };

    private static TimeSpan? ParseTime(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        if (DurationText.TryParse(text, out TimeSpan time))
        {
            return time;
        }

        result.AddError($"\"{text}\" is not a time; expected something like 500ms, 5s, 2m or 1h.");
        return null;
    }
}
