namespace WorkerPool;

/// <summary>How a <see cref="SocketConnection"/> buffers and ends. Immutable.</summary>
public sealed record SocketConnectionOptions
{
    internal static SocketConnectionOptions Default { get; } = new();

    /// <summary>
    /// How many bytes may wait in each direction: so many received ones before receiving pauses, so many written ones
    /// before <c>FlushAsync</c> waits. Default 65536; at least 1.
    /// </summary>
    public int PauseThreshold { get; init; } = 65_536;

    /// <summary>Down to how many waiting bytes a pause lasts. Default 32768; 1 to <see cref="PauseThreshold"/>.</summary>
    public int ResumeThreshold { get; init; } = 32_768;

    /// <summary>
    /// How patient a disposed connection is with its peer: how long the peer may take none of the output that is left
    /// before the connection is aborted, and how long it is waited for the peer's own end afterwards. Default 5 s; more than 0.
    /// </summary>
    public TimeSpan LingerTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The clock. Default: the system's.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(PauseThreshold, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(ResumeThreshold, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(ResumeThreshold, PauseThreshold);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(LingerTimeout, TimeSpan.Zero);
        ArgumentNullException.ThrowIfNull(TimeProvider);
    }
}
