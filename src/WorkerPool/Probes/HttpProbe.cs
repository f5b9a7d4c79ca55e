using System.Text;

namespace WorkerPool.Probes;

/// <summary>See <see cref="HealthProbe.Http"/>.</summary>
/// <remarks>
/// By hand, because a status line is all that it takes, and it keeps the HTTP stack out of masters that need none.
/// </remarks>
internal sealed class HttpProbe(string endpoint, byte[] request, int minStatus, int maxStatus)
{
    private const int MostHeaderBytes = 16 * 1024;
    private const int StatusAt = 9; // "HTTP/1.1 200"

    public async Task AttemptAsync(ProbeContext context, CancellationToken cancellationToken)
    {
        Stream stream = await context.ConnectAsync(endpoint, cancellationToken);
        await stream.WriteAsync(request, cancellationToken);
        string line = await ReadStatusLineAsync(stream, cancellationToken);
        int status = StatusOf(line);
        if (status < minStatus || status > maxStatus)
        {
            throw new ProbeFailedException($"it answered \"{line}\", where a status from {minStatus} to {maxStatus} was expected.");
        }
    }

    /// <summary>The first line of the final answer, after any interim ones (RFC 9110, 15.2).</summary>
    private static async Task<string> ReadStatusLineAsync(Stream stream, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[MostHeaderBytes];
        for (int start = 0, length = 0; ;)
        {
            while (EndOfHeader(buffer.AsSpan(start, length - start)) is int end and > 0)
            {
                string line = FirstLine(buffer.AsSpan(start, end));
                if (StatusOf(line) >= 200)
                {
                    return line;
                }

                start += end;
            }

            int count = length < buffer.Length ? await stream.ReadAsync(buffer.AsMemory(length), cancellationToken) : 0;
            length += count;
            if (count == 0)
            {
                throw new ProbeFailedException(length == buffer.Length
                    ? $"it sent more than {MostHeaderBytes} bytes without the end of a header."
                    : $"it answered {Excerpt.Of(buffer.AsSpan(start, length - start))}, and then the end before the end of a header.");
            }
        }
    }

    // The length of the header with its empty line; 0 if that has not come yet.
    private static int EndOfHeader(ReadOnlySpan<byte> bytes) => bytes.IndexOf("\r\n\r\n"u8) is int index and >= 0 ? index + 4 : 0;

    private static string FirstLine(ReadOnlySpan<byte> header) => Encoding.Latin1.GetString(header[..header.IndexOf("\r\n"u8)]);

    private static int StatusOf(string line) =>
        line.StartsWith("HTTP/1.", StringComparison.Ordinal) && line.Length >= StatusAt + 3 && line[StatusAt - 1] == ' '
        && int.TryParse(line.AsSpan(StatusAt, 3), System.Globalization.NumberStyles.None, null, out int status)
            ? status
            : throw new ProbeFailedException($"it answered {Excerpt.Of(Encoding.Latin1.GetBytes(line))}, which is not HTTP/1.1.");
}
