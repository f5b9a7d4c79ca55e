namespace WorkerPool.Runtime.Telemetry;

/// <summary>The tags of metrics and spans, see docs/metrics.md: they are a promise to dashboards and alerts.</summary>
internal static class Tags
{
    public const string Pool = "workerpool.pool";
    public const string Slot = "workerpool.slot";
    public const string Endpoint = "workerpool.endpoint";
    public const string Release = "workerpool.release";
    public const string PreviousRelease = "workerpool.release.previous";
    public const string SlotState = "workerpool.slot.state";
    public const string WorkerState = "workerpool.worker.state";
    public const string RolloutState = "workerpool.rollout.state";
    public const string RolloutSlots = "workerpool.rollout.slots";
    public const string RolloutDone = "workerpool.rollout.done";
    public const string ExitStatus = "workerpool.exit.status";
    public const string ExitAsked = "workerpool.exit.asked";
    public const string ConnectionsCut = "workerpool.connections.cut";
    public const string Outcome = "workerpool.outcome";
    public const string Order = "workerpool.order";
    public const string Origin = "workerpool.origin";
    public const string Reason = "error.type"; // of the OpenTelemetry conventions

    public static KeyValuePair<string, object?> Tag(string key, object? value) => new(key, value);
}
