using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.Unicode;

namespace WorkerPool.Operation;

/// <summary>Makes a request of a line that nobody vouches for. Pure.</summary>
internal static class RequestReader
{
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = OperationProtocol.MaxDepth, AllowDuplicateProperties = false };

    /// <exception cref="RequestException">The line is no request of this protocol.</exception>
    public static Request Read(ReadOnlyMemory<byte> line)
    {
        if (!Utf8.IsValid(line.Span))
        {
            throw new RequestException("The line is not valid UTF-8.");
        }

        try
        {
            string verb = VerbOf(line);
            JsonTypeInfo type = RequestVerbs.TypeOf(verb) ?? throw new RequestException(
                $"There is no verb \"{(verb.Length <= 50 ? verb : verb[..50] + "…")}\". The verbs are: {string.Join(", ", RequestVerbs.All)}.");
            return Checked((Request)JsonSerializer.Deserialize(line.Span, type)!);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            // InvalidOperationException: half of a surrogate pair as an escape, which is JSON but no text.
            throw new RequestException($"The line is not a request: {WithoutTypes(e.Message)}");
        }
    }

    private static string VerbOf(ReadOnlyMemory<byte> line)
    {
        using JsonDocument document = JsonDocument.Parse(line, Strict);
        if (document.RootElement.ValueKind != JsonValueKind.Object)
        {
            throw new RequestException($"The line is JSON of kind {document.RootElement.ValueKind}; needed is an object, such as {{\"verb\":\"status\"}}.");
        }

        return document.RootElement.TryGetProperty("verb"u8, out JsonElement verb) && verb.ValueKind == JsonValueKind.String
            ? verb.GetString()!
            : throw new RequestException("The request has no \"verb\", such as {\"verb\":\"status\"}.");
    }

    /// <summary>How a class of the library is called tells a client nothing.</summary>
    private static string WithoutTypes(string message) =>
        message.Replace(" could not be mapped to any .NET member contained in type ", " is not known to ", StringComparison.Ordinal)
            .Replace($"'{typeof(Request).Namespace}.", "'", StringComparison.Ordinal);

    private static Request Checked(Request request) => request.Version == OperationProtocol.Version
        ? request
        : throw new RequestException($"The request is of version {request.Version}; this master speaks version {OperationProtocol.Version}.");
}
