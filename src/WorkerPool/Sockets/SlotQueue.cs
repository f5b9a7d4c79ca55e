namespace WorkerPool.Sockets;

/// <summary>The accept queue of one listening socket.</summary>
/// <param name="Slot">The slot; null: all slots accept from it.</param>
/// <param name="Endpoint">The name of the endpoint.</param>
/// <param name="Socket">The master's; only to be held while it is looked at, see <see cref="Interop.Descriptor.TryHold"/>.</param>
internal sealed record SlotQueue(int? Slot, string Endpoint, ListeningSocket Socket)
{
    /// <summary>How long the queue is, and how long it may be; nothing of both if the kernel does not tell. From any thread.</summary>
    public QueueMeasurement Measure()
    {
        bool known = AcceptQueue.TryReadHeld(Socket, out int length, out int limit);
        return new QueueMeasurement { Slot = Slot, Endpoint = Endpoint, Length = known ? length : null, Limit = known ? limit : null };
    }
}
