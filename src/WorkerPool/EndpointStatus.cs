namespace WorkerPool;

/// <summary>Where a pool listens. Immutable.</summary>
public sealed record EndpointStatus
{
    /// <summary>The name of the endpoint.</summary>
    public required string Name { get; init; }

    /// <summary>The address, in the notation of <see cref="ListenEndpoint.Parse"/>, with the port that the kernel chose.</summary>
    public required string Address { get; init; }

    /// <summary>
    /// Whether all slots accept from one socket: Unix endpoints do, and TCP sockets that systemd passed without
    /// <c>SO_REUSEPORT</c>. New connections are not steered there: weights, shares and the balance have no effect.
    /// </summary>
    public required bool IsShared { get; init; }

    /// <summary>Whether the sockets, or the first of them, came from systemd.</summary>
    public required bool IsActivated { get; init; }
}
