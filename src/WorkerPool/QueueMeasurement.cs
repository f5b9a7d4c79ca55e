namespace WorkerPool;

/// <summary>The accept queue of one listening socket: connections whose handshake is complete and that no worker has taken yet. Immutable.</summary>
public sealed record QueueMeasurement
{
    /// <summary>The slot; <see langword="null"/> if all slots accept from this socket (Unix).</summary>
    public required int? Slot { get; init; }

    /// <summary>The name of the endpoint.</summary>
    public required string Endpoint { get; init; }

    /// <summary>
    /// How many connections wait, from <c>TCP_INFO</c> (tcp(7)), for Unix sockets from sock_diag(7);
    /// <see langword="null"/> if the kernel does not tell (a kernel without <c>unix_diag</c>, a sandbox without netlink).
    /// </summary>
    public required int? Length { get; init; }

    /// <summary>
    /// How many may wait: the backlog, as the kernel has cut it to <c>net.core.somaxconn</c>; <see langword="null"/> if the
    /// kernel does not tell. A full queue makes further clients try again after a second or more.
    /// </summary>
    public required int? Limit { get; init; }
}
