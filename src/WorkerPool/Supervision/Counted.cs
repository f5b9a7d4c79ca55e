using System.Globalization;

namespace WorkerPool.Supervision;

/// <summary>Numbers of things in messages: <c>1 slot</c>, <c>2 slots</c>.</summary>
internal static class Counted
{
    public static string Of(int count, string noun) =>
        string.Create(CultureInfo.InvariantCulture, $"{count} {noun}{(count == 1 ? "" : noun.EndsWith('s') ? "es" : "s")}");
}
