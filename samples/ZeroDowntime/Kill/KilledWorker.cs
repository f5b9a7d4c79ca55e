using ZeroDowntime.Load;

namespace ZeroDowntime.Kill;

/// <summary>A worker that was killed, and exactly what it held. Immutable.</summary>
/// <param name="Slot">Its slot.</param>
/// <param name="ProcessId">Its process id.</param>
/// <param name="ClientPorts">The client's port of each connection that it had accepted and not closed.</param>
/// <param name="FrozenAt">When it did its last step, in the ticks of the machine's monotonic clock.</param>
/// <param name="KilledAt">When it was killed, likewise.</param>
internal sealed record KilledWorker(int Slot, int ProcessId, IReadOnlySet<int> ClientPorts, long FrozenAt, long KilledAt)
{
    /// <summary>Whether this loss is the worker's: it held that very connection when it was killed.</summary>
    /// <remarks>
    /// The port alone would not prove it, because ports are used again: the connection must have been opened before the
    /// worker was frozen, and lost after.
    /// </remarks>
    public bool Explains(Loss loss) =>
        ClientPorts.Contains(loss.Port) && loss.OpenedAt < FrozenAt && loss.LostAt >= KilledAt;
}
