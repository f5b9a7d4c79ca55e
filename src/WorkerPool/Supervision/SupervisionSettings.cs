namespace WorkerPool.Supervision;

/// <summary>The times and limits that decisions are made by.</summary>
internal sealed record SupervisionSettings
{
    public required TimeSpan StartDeadline { get; init; }

    /// <summary>How many workers may start at a time.</summary>
    public int ParallelStarts { get; init; } = int.MaxValue;

    /// <summary>After this time a worker that still starts counts no more among them.</summary>
    public TimeSpan LongestStartTurn { get; init; } = TimeSpan.FromSeconds(2);

    public required TimeSpan DrainDeadline { get; init; }

    public required TimeSpan StopGrace { get; init; }

    public required TimeSpan KillGrace { get; init; }

    public required RespawnDelay RespawnDelay { get; init; }

    /// <summary>The longest wait for handshakes that have begun; <see langword="null"/>: connections are not steered.</summary>
    public TimeSpan? HandshakeLimit { get; init; }

    /// <summary>Over how long the share of a worker that got ready grows to its whole; 0: it has it at once.</summary>
    public TimeSpan SlowStart { get; init; }

    /// <summary>How much memory has to stay free, in bytes.</summary>
    public long MemoryReserve { get; init; }

    /// <summary>When workers are due to be replaced; <see langword="null"/>: never.</summary>
    public RecycleOptions? Recycle { get; init; }

    /// <summary>How long a worker that has sent a heartbeat may be silent; <see langword="null"/>: for ever.</summary>
    public TimeSpan? HeartbeatDeadline { get; init; }

    /// <summary>The time from SIGABRT to SIGKILL for a worker that hangs; <see langword="null"/>: SIGKILL at once.</summary>
    public TimeSpan? AbortGrace { get; init; }

    /// <summary>The signal that tells workers to open their log files anew; <see langword="null"/>: a message does.</summary>
    public int? ReopenLogsSignal { get; init; }

    /// <summary>How long a worker must be ready to count as stable.</summary>
    public required TimeSpan StableAfter { get; init; }

    /// <summary>The wall-clock time at which the supervisor's time is zero; for display only.</summary>
    public DateTimeOffset Epoch { get; init; }

    /// <summary>A number in [0, 1) for the jitter, from outside so that decisions can be replayed.</summary>
    public required Func<double> Chance { get; init; }
}
