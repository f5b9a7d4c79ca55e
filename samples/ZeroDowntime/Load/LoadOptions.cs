using System.Globalization;

namespace ZeroDowntime.Load;

/// <summary>How much load there is.</summary>
internal sealed record LoadOptions
{
    /// <summary>Requests in a second, each on a connection of its own.</summary>
    public required double Rate { get; init; }

    /// <summary>Long-lived connections.</summary>
    public required int Streams { get; init; }

    public required TimeSpan MinStreamLife { get; init; }

    public required TimeSpan MaxStreamLife { get; init; }

    public string[] ToArguments() =>
    [
        Rate.ToString(CultureInfo.InvariantCulture), Streams.ToString(CultureInfo.InvariantCulture),
        MinStreamLife.ToString(), MaxStreamLife.ToString(),
    ];

    public static LoadOptions FromArguments(string[] arguments) => new()
    {
        Rate = double.Parse(arguments[0], CultureInfo.InvariantCulture),
        Streams = int.Parse(arguments[1], CultureInfo.InvariantCulture),
        MinStreamLife = TimeSpan.Parse(arguments[2], CultureInfo.InvariantCulture),
        MaxStreamLife = TimeSpan.Parse(arguments[3], CultureInfo.InvariantCulture),
    };
}
