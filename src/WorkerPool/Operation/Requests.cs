using System.Text.Json.Serialization;

namespace WorkerPool.Operation;

/// <summary>What an operator asks for over the control socket: one line, see docs/control-protocol.md.</summary>
/// <remarks>
/// What has a default other than that of its type is settable: generated code gives init-only properties that are missing the latter.
/// </remarks>
internal abstract record Request
{
    /// <summary>The verb, as on the wire; read apart, so that it decides the type of the rest.</summary>
    public string Verb { get; init; } = "";

    /// <summary>The version of the protocol that the client speaks. Default: the present one.</summary>
    public int Version { get; set; } = OperationProtocol.Version;
}

internal sealed record HelloRequest : Request;

internal sealed record StatusRequest : Request
{
    /// <summary>Whether memory, processor time and queues are measured too.</summary>
    public bool Measure { get; init; }
}

internal sealed record EventsRequest : Request
{
    /// <summary>How many of those that were before come first.</summary>
    public int Last { get; init; }

    /// <summary>Whether it goes on until the pool has stopped.</summary>
    public bool Follow { get; set; } = true;
}

internal sealed record StartRequest : Request
{
    public required int Slot { get; init; }

    public ReleaseDescription? Release { get; init; }
}

internal sealed record DrainRequest : Request
{
    public required int Slot { get; init; }

    public TimeSpan? Deadline { get; init; }
}

internal sealed record ReplaceRequest : Request
{
    public required int Slot { get; init; }

    public ReleaseDescription? Release { get; init; }

    public ReplaceOrder Order { get; init; }
}

internal sealed record ScaleRequest : Request
{
    public required int Workers { get; init; }

    public ReleaseDescription? Release { get; init; }
}

internal sealed record RollRequest : Request
{
    public RolloutChanges Plan { get; set; } = new();

    /// <summary>Whether the rollout is given up, and rolled back, when the client that asked for it is gone.</summary>
    public bool AbortOnDisconnect { get; init; }
}

internal sealed record PauseRequest : Request;

internal sealed record ResumeRequest : Request;

internal sealed record AbortRequest : Request
{
    public bool RollBack { get; set; } = true;
}

internal sealed record WeightRequest : Request
{
    public required int Slot { get; init; }

    public required double Weight { get; init; }
}

internal sealed record ShareRequest : Request
{
    public required string Label { get; init; }

    /// <summary>Null: the release is one like the others again.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public required double? Share { get; init; }
}

internal sealed record SuspendRespawnRequest : Request;

internal sealed record ResumeRespawnRequest : Request;

internal sealed record ReopenLogsRequest : Request;

internal sealed record StopRequest : Request
{
    public StopMode Mode { get; init; }
}
