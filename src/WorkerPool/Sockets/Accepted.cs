namespace WorkerPool.Sockets;

/// <summary>A connection that an <see cref="Acceptor"/> gives.</summary>
/// <param name="Number">Its descriptor, or <see cref="Acceptor.Ended"/>.</param>
/// <param name="Origin">Where it comes from.</param>
internal readonly record struct Accepted(int Number, Origin Origin);
