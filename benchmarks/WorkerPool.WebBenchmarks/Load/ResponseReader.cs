using System.Buffers.Text;

namespace WorkerPool.WebBenchmarks.Load;

/// <summary>Recognises when a response is complete; no more of HTTP/1.1 than that.</summary>
internal static class ResponseReader
{
    private static ReadOnlySpan<byte> Ok => "HTTP/1.1 200 "u8;
    private static ReadOnlySpan<byte> HeadEnd => "\r\n\r\n"u8;
    private static ReadOnlySpan<byte> Length => "\r\nContent-Length: "u8;
    private static ReadOnlySpan<byte> Chunked => "\r\nTransfer-Encoding: chunked"u8;
    private static ReadOnlySpan<byte> LastChunk => "\r\n0\r\n\r\n"u8;

    public static ResponseState Look(ReadOnlySpan<byte> received)
    {
        int headLength = received.IndexOf(HeadEnd);
        if (headLength < 0)
        {
            return ResponseState.Partial;
        }

        ReadOnlySpan<byte> head = received[..headLength];
        ReadOnlySpan<byte> body = received[(headLength + HeadEnd.Length)..];
        if (!head.StartsWith(Ok))
        {
            return ResponseState.Bad;
        }

        int length = head.IndexOf(Length);
        if (length >= 0)
        {
            return !Utf8Parser.TryParse(head[(length + Length.Length)..], out int bytes, out _) || body.Length > bytes
                ? ResponseState.Bad
                : body.Length == bytes ? ResponseState.Complete : ResponseState.Partial;
        }

        return head.IndexOf(Chunked) < 0 ? ResponseState.Bad
            : body.EndsWith(LastChunk) ? ResponseState.Complete : ResponseState.Partial;
    }
}

internal enum ResponseState
{
    Partial,
    Complete,
    Bad,
}
