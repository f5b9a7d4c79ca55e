using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace WorkerPool.Control;

/// <summary>Reads messages out of bytes that nobody vouches for.</summary>
internal static class ControlMessageReader
{
    /// <summary>All messages up to the end of the input; those of unknown types are skipped.</summary>
    /// <remarks>Enumerating can be given up after any message, and taken up again with the next.</remarks>
    /// <exception cref="ProtocolViolationException">The bytes are not frames of messages, or end within a frame.</exception>
    public static async IAsyncEnumerable<ControlMessage> ReadAllAsync(
        PipeReader input, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        while (true)
        {
            ReadResult result = await input.ReadAsync(cancellationToken).ConfigureAwait(false);
            ReadOnlySequence<byte> rest = result.Buffer;
            SequencePosition examined = rest.Start;
            try
            {
                while (ControlFrame.TryRead(ref rest, out ReadOnlySequence<byte> payload))
                {
                    examined = rest.Start;
                    if (Parse(payload) is { } message)
                    {
                        yield return message;
                    }
                }

                examined = rest.End;
                if (result.IsCompleted)
                {
                    ThrowIfWithinFrame(rest.Length);
                    yield break;
                }
            }
            finally
            {
                input.AdvanceTo(rest.Start, examined);
            }
        }
    }

    /// <summary>The message in a payload; null: its type is unknown.</summary>
    /// <exception cref="ProtocolViolationException">The payload is not a message.</exception>
    public static ControlMessage? Parse(in ReadOnlySequence<byte> payload)
    {
        ReadOnlySpan<byte> json = payload.IsSingleSegment ? payload.FirstSpan : payload.ToArray();
        try
        {
            return ControlJson.TypeNamed(FindType(json)) is { } type ? Parse(json, type) : null;
        }
        catch (JsonException exception)
        {
            string place = exception.BytePositionInLine is { } position
                ? $" at byte {position} of line {exception.LineNumber}, {exception.Path ?? "$"}"
                : "";
            throw new ProtocolViolationException($"A message is not JSON of the protocol{place}: {exception.Message}", exception);
        }
    }

    private static ControlMessage Parse(ReadOnlySpan<byte> json, JsonTypeInfo type)
    {
        ControlMessage message = (ControlMessage)JsonSerializer.Deserialize(json, type)!;
        return message.Fault() is { } fault
            ? throw new ProtocolViolationException($"A message \"{message.Type}\" {fault}.")
            : message;
    }

    // Reads to the end, so that a message of an unknown type has to be valid JSON as well.
    private static string FindType(ReadOnlySpan<byte> json)
    {
        string? type = null;
        Utf8JsonReader reader = new(json);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new ProtocolViolationException($"A message is JSON of kind {reader.TokenType}; needed is an object.");
        }

        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == 1)
            {
                bool found = reader.ValueTextEquals("type"u8);
                reader.Read();
                type = found ? ReadType(ref reader, type) : type;
            }
        }

        return type ?? throw new ProtocolViolationException("A message has no property \"type\".");
    }

    private static string ReadType(ref Utf8JsonReader reader, string? earlier)
    {
        if (earlier is not null)
        {
            throw new ProtocolViolationException("A message has more than one property \"type\".");
        }

        if (reader.TokenType != JsonTokenType.String)
        {
            throw new ProtocolViolationException($"A message has a \"type\" of kind {reader.TokenType}; needed is a string.");
        }

        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException exception)
        {
            throw new ProtocolViolationException("A message has a \"type\" that is not valid UTF-8.", exception);
        }
    }

    private static void ThrowIfWithinFrame(long left)
    {
        if (left > 0)
        {
            throw new ProtocolViolationException($"The channel ended within a frame, after {left} of its bytes.");
        }
    }
}
