using System.Text.Json.Serialization;

namespace WorkerPool.Operation;

/// <summary>How requests are read and written, without reflection. Strict: a property that is misspelt must not be overlooked.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    AllowDuplicateProperties = false,
    MaxDepth = OperationProtocol.MaxDepth,
    Converters =
    [
        typeof(SecondsConverter), typeof(NameConverter<ReplaceOrder>), typeof(NameConverter<RolloutOrder>),
        typeof(NameConverter<RolloutFailureAction>), typeof(NameConverter<ProbeKind>), typeof(NameConverter<StopMode>),
    ])]
[JsonSerializable(typeof(HelloRequest))]
[JsonSerializable(typeof(StatusRequest))]
[JsonSerializable(typeof(EventsRequest))]
[JsonSerializable(typeof(StartRequest))]
[JsonSerializable(typeof(DrainRequest))]
[JsonSerializable(typeof(ReplaceRequest))]
[JsonSerializable(typeof(ScaleRequest))]
[JsonSerializable(typeof(RollRequest))]
[JsonSerializable(typeof(PauseRequest))]
[JsonSerializable(typeof(ResumeRequest))]
[JsonSerializable(typeof(AbortRequest))]
[JsonSerializable(typeof(WeightRequest))]
[JsonSerializable(typeof(ShareRequest))]
[JsonSerializable(typeof(SuspendRespawnRequest))]
[JsonSerializable(typeof(ResumeRespawnRequest))]
[JsonSerializable(typeof(ReopenLogsRequest))]
[JsonSerializable(typeof(StopRequest))]
internal sealed partial class RequestJson : JsonSerializerContext;
