using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;

namespace WorkerPool.Runtime.Telemetry;

/// <summary>Values of tags.</summary>
internal static class Words
{
    private static readonly ConcurrentDictionary<Enum, string> Known = new();

    /// <summary>A value as a word: <c>RolledBack</c> is <c>rolled_back</c>.</summary>
    public static string Of(Enum value) => Known.GetOrAdd(value, static value => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString()));

    /// <summary>An exit code in digits, the name of a signal, or <c>unknown</c>.</summary>
    public static string Of(ExitStatus exit) => exit switch
    {
        { Code: int code } => code.ToString(CultureInfo.InvariantCulture),
        { Signal: not null } => exit.ToString(),
        _ => "unknown",
    };
}
