namespace WorkerPool.Cli.Output;

/// <summary>Values of an enumeration in words: <c>BackingOff</c> as <c>backing off</c>. Pure.</summary>
internal static class Named
{
    public static string Of<T>(T value)
        where T : struct, Enum =>
        string.Concat(value.ToString().Select((c, i) => char.IsUpper(c) && i > 0 ? $" {char.ToLowerInvariant(c)}" : char.ToLowerInvariant(c).ToString()));
}
