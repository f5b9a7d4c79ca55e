using System.Text.Json.Serialization;

namespace WorkerPool.Operation;

/// <summary>One line from the master: exactly one of these. The last one of each request is the verdict.</summary>
internal sealed record Answer
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public MasterDescription? Hello { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public PoolStatus? Status { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public PoolMeasurement? Measurement { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public PoolEvent? Event { get; init; }

    /// <summary>So many events were not sent, because the client did not read.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Lost { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Verdict? Verdict { get; init; }
}

/// <summary>Who answers.</summary>
/// <param name="Version">The version of the protocol.</param>
/// <param name="Library">The version of this library.</param>
/// <param name="ProcessId">The master.</param>
internal sealed record MasterDescription(int Version, string Library, int ProcessId);
