namespace WorkerPool;

/// <summary>
/// How new connections are spread over the slots: by a program in the kernel (SO_ATTACH_REUSEPORT_CBPF, Linux 4.5,
/// socket(7)), which leaves out a slot that nobody accepts from. Where the kernel refuses it the pool says so once, and
/// connections that arrive at such a slot wait for its next worker.
/// </summary>
/// <remarks>Unix endpoints have one socket for all slots; there is nothing to steer.</remarks>
public sealed class SteeringOptions
{
    internal SteeringOptions()
    {
    }

    /// <summary>
    /// Whether connections are steered. Default true; without, the kernel spreads them over all slots. The environment
    /// variable <c>WORKERPOOL_STEERING=off</c> of the master has the same effect, whatever this says.
    /// </summary>
    public bool Enabled { get; set; } = true;

    /// <summary>
    /// The longest wait, before a worker stops to accept, for handshakes that had begun at its slot: they stay with it,
    /// whatever the program says. Default 1 s; 0 or more. It takes as long as the slowest of them, usually one round trip.
    /// </summary>
    public TimeSpan HandshakeLimit { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// The time over which the share of a worker that has become ready grows from a tenth to its whole. Default 0: it has
    /// it at once; 0 or more.
    /// </summary>
    public TimeSpan SlowStart { get; set; }

    /// <summary>
    /// How often the master looks at the accept queues, to take new connections away from a slot that is behind until it
    /// has caught up, and to give less to a slot that has been behind (half of its part each time, a tenth of the whole
    /// comes back every second) and to a worker that serves many more than the others. Default (null): never; 1 ms or
    /// more, 5 ms is a good value. A look costs a system call for each slot and TCP endpoint.
    /// </summary>
    public TimeSpan? BalancePeriod { get; set; }

    internal SteeringOptions Copy() =>
        new() { Enabled = Enabled, HandshakeLimit = HandshakeLimit, SlowStart = SlowStart, BalancePeriod = BalancePeriod };
}
