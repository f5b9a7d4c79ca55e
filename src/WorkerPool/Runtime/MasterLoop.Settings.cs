using WorkerPool.Supervision;

namespace WorkerPool.Runtime;

/// <summary>What of the host's options the supervisor decides by.</summary>
internal sealed partial class MasterLoop
{
    private static SupervisionSettings SettingsOf(PoolOptions options) => new()
    {
        StartDeadline = options.StartDeadline,
        ParallelStarts = options.ParallelStarts,
        DrainDeadline = options.DrainDeadline,
        StopGrace = options.StopGrace,
        KillGrace = options.KillGrace,
        HandshakeLimit = IsSteered(options) ? options.Steering.HandshakeLimit : null,
        SlowStart = options.Steering.SlowStart,
        Recycle = options.Recycle is { Age: null, Connections: null, MemoryBytes: null } ? null : options.Recycle,
        MemoryReserve = options.MemoryReserveBytes,
        HeartbeatDeadline = options.Liveness.Enabled ? options.Liveness.Deadline : null,
        AbortGrace = options.Liveness.AbortGrace,
        ReopenLogsSignal = options.Signals.ReopenLogsSignal,
        StableAfter = options.Respawn.StableAfter,
        Epoch = options.TimeProvider.GetUtcNow(),
        Chance = Random.Shared.NextDouble,
        RespawnDelay = new RespawnDelay(
            options.Respawn.BaseDelay,
            options.Respawn.Factor,
            options.Respawn.MaxDelay,
            options.Respawn.Jitter,
            options.Respawn.BreakerThreshold,
            options.Respawn.BreakerPeriod),
    };
}
