using System.Buffers;
using System.Text.Json;

namespace WorkerPool.Operation;

/// <summary>Makes a line of a request.</summary>
internal static class RequestWriter
{
    /// <summary>One line, with its end.</summary>
    /// <exception cref="ArgumentException">It is longer than a master takes, or a number in it is not finite.</exception>
    public static ReadOnlyMemory<byte> Write(Request request)
    {
        string verb = RequestVerbs.Of(request);
        ArrayBufferWriter<byte> line = new();
        using (Utf8JsonWriter writer = new(line))
        {
            JsonSerializer.Serialize(writer, request with { Verb = verb }, RequestVerbs.TypeOf(verb)!);
        }

        line.Write("\n"u8);
        return line.WrittenCount <= OperationProtocol.MaxRequestBytes
            ? line.WrittenMemory
            : throw new ArgumentException(
                $"The request has {line.WrittenCount} bytes; a master takes {OperationProtocol.MaxRequestBytes}. Shorten its arguments or its environment.", nameof(request));
    }
}
