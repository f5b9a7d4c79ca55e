namespace WorkerPool.Operation;

/// <summary>A line is not a request; the message says why, and is for the one who sent it.</summary>
internal sealed class RequestException(string message) : Exception(OneLine(message))
{
    private const int Longest = 1000;

    /// <summary>The messages of exceptions have several lines, and repeat what was sent.</summary>
    public static string OneLine(string message)
    {
        string line = message.ReplaceLineEndings(" ");
        return line.Length <= Longest ? line : string.Concat(line.AsSpan(0, Longest), "…");
    }
}
