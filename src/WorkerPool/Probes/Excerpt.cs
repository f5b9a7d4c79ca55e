using System.Text;

namespace WorkerPool.Probes;

/// <summary>Shows the beginning of what a worker sent.</summary>
internal static class Excerpt
{
    private const int MostBytes = 64;

    public static string Of(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return "nothing";
        }

        StringBuilder text = new("\"");
        foreach (byte b in bytes[..Math.Min(bytes.Length, MostBytes)])
        {
            text.Append(b is >= (byte)' ' and <= (byte)'~' ? (char)b : '.');
        }

        return text.Append(bytes.Length > MostBytes ? "…\"" : "\"").ToString();
    }
}
