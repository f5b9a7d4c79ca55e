using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace WorkerPool.Operation;

/// <summary>How answers are written and read, without reflection. Tolerant: a newer master may say more.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectNullableAnnotations = true,
    Converters =
    [
        typeof(SecondsConverter), typeof(NameConverter<Outcome>), typeof(NameConverter<VerdictReason>),
        typeof(NameConverter<PoolEventKind>), typeof(NameConverter<SlotState>), typeof(NameConverter<WorkerState>),
        typeof(NameConverter<RolloutState>), typeof(NameConverter<RolledSlotState>), typeof(NameConverter<ReplaceOrder>),
    ])]
[JsonSerializable(typeof(Answer))]
internal sealed partial class AnswerJson : JsonSerializerContext
{
    // Readable with the eye. Line ends and control characters are escaped all the same; it goes to terminals, not to browsers.
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>One line, with its end.</summary>
    public static ReadOnlyMemory<byte> Write(Answer answer)
    {
        ArrayBufferWriter<byte> line = new();
        using (Utf8JsonWriter writer = new(line, Readable))
        {
            JsonSerializer.Serialize(writer, answer, Default.Answer);
        }

        line.Write("\n"u8);
        return line.WrittenMemory;
    }
}
