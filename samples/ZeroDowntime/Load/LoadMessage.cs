using System.Text.Json;
using System.Text.Json.Serialization;

namespace ZeroDowntime.Load;

/// <summary>What the process that makes the load says to the one that runs the demonstration: a line of JSON each.</summary>
[JsonDerivedType(typeof(Progress), "progress")]
[JsonDerivedType(typeof(Held), "held")]
[JsonDerivedType(typeof(Loss), "loss")]
[JsonDerivedType(typeof(PhaseLatency), "latency")]
[JsonDerivedType(typeof(Total), "total")]
internal abstract record LoadMessage
{
    public static LoadMessage Parse(string line) =>
        JsonSerializer.Deserialize<LoadMessage>(line) ?? throw new FormatException($"The load process said \"{line}\".");

    public string ToLine() => JsonSerializer.Serialize(this);
}

/// <summary>Where it stands, a few times a second.</summary>
/// <param name="Opened">Connections that were begun.</param>
/// <param name="Served">Connections that were served whole.</param>
/// <param name="Lost">Connections that were not.</param>
internal sealed record Progress(long Opened, long Served, long Lost) : LoadMessage;

/// <summary>The connections of a group are connected, and wait.</summary>
internal sealed record Held(string Group, int Count) : LoadMessage;

/// <summary>A connection that was not served whole.</summary>
/// <param name="Class">How it was lost.</param>
/// <param name="Kind">What it was for.</param>
/// <param name="Phase">The phase in which it was opened.</param>
/// <param name="Port">The client's port; 0 if it never had one.</param>
/// <param name="OpenedAt">When it was opened, in the ticks of the machine's monotonic clock.</param>
/// <param name="LostAt">When it was lost, likewise.</param>
/// <param name="Detail">What happened, in words.</param>
internal sealed record Loss(
    LossClass Class, ConnectionKind Kind, string Phase, int Port, long OpenedAt, long LostAt, string Detail) : LoadMessage;

/// <summary>The latencies of the requests that were scheduled in a phase, from the scheduled time to the last byte.</summary>
internal sealed record PhaseLatency(
    string Phase, long Requests, double P50, double P99, double P999, double Max) : LoadMessage;

/// <summary>The end of the load: everything that was opened, by kind, and how much of it was served whole.</summary>
internal sealed record Total(
    long Requests, long Streams, long Waiting, long Served, long Lost, long BytesVerified) : LoadMessage
{
    public long Opened => Requests + Streams + Waiting;
}
