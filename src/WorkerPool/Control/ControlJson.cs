using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace WorkerPool.Control;

/// <summary>How each message is read from JSON and written to it, without reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(Hello))]
[JsonSerializable(typeof(Ready))]
[JsonSerializable(typeof(Report))]
[JsonSerializable(typeof(Heartbeat))]
[JsonSerializable(typeof(Welcome))]
[JsonSerializable(typeof(Refuse))]
[JsonSerializable(typeof(Accept))]
[JsonSerializable(typeof(Reopen))]
[JsonSerializable(typeof(Drain))]
[JsonSerializable(typeof(Stop))]
internal sealed partial class ControlJson : JsonSerializerContext
{
    /// <summary>The type of that name; null: unknown.</summary>
    public static JsonTypeInfo? TypeNamed(string name) => name switch
    {
        "hello" => Default.Hello,
        "ready" => Default.Ready,
        "report" => Default.Report,
        "heartbeat" => Default.Heartbeat,
        "welcome" => Default.Welcome,
        "refuse" => Default.Refuse,
        "accept" => Default.Accept,
        "reopen" => Default.Reopen,
        "drain" => Default.Drain,
        "stop" => Default.Stop,
        _ => null,
    };

    /// <summary>The type of that message.</summary>
    public static JsonTypeInfo TypeOf(ControlMessage message) =>
        TypeNamed(message.Type) ?? throw new ArgumentException($"\"{message.Type}\" is not a message of the protocol.", nameof(message));
}
