using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Numerics;

namespace WorkerPool.Cli.Commands;

/// <summary>Arguments and options that several commands have.</summary>
internal static class Arguments
{
    public static Argument<int> Slot() => Number("SLOT", "The number of the slot, from 0.", ParseNumber<int>);

    /// <summary>An argument that is a number.</summary>
    public static Argument<T> Number<T>(string name, string description, Func<ArgumentResult, T> parse) =>
        new(name) { Description = description, CustomParser = parse };

    /// <summary>An option that is a number; null: it was not given.</summary>
    public static Option<int?> Number(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "N",
        CustomParser = static result => ParseNumber<int>(result),
    };

    /// <summary>A time, such as <c>500ms</c>, <c>5s</c> or <c>2m</c>.</summary>
    public static Option<TimeSpan?> Time(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "TIME",
        CustomParser = ParseTime,
    };

    /// <summary>Says what is wrong in words of the command line, not of the language that this is written in.</summary>
    public static T ParseNumber<T>(ArgumentResult result)
        where T : INumber<T> =>
        ParseNumber<T>(result, result.Tokens[0].Value);

    /// <summary>The same for several.</summary>
    public static T[] ParseNumbers<T>(ArgumentResult result)
        where T : INumber<T> =>
        [.. result.Tokens.Select(token => ParseNumber<T>(result, token.Value))];

    private static T ParseNumber<T>(ArgumentResult result, string text)
        where T : INumber<T>
    {
        if (!T.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out T? number))
        {
            string name = result.Parent is OptionResult option ? option.Option.Name : result.Argument.Name;
            result.AddError($"\"{text}\" is no number that {name} can be.");
            return T.Zero;
        }

        return number;
    }

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
