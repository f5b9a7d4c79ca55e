using WorkerPool.Sockets;

namespace WorkerPool.AspNetCore.Transport;

/// <summary>Where a connection comes from; a feature of it.</summary>
/// <param name="Listener">The endpoint.</param>
/// <param name="Start">What had come and gone on it before Kestrel had it; null: it is one that cannot be handed over.</param>
internal sealed record AcceptedConnection(WorkerListener Listener, StreamPosition? Start);
