namespace WorkerPool.Sockets;

/// <summary>What a check of a listening socket found.</summary>
/// <param name="Healed">What was repaired, in words; empty if the socket was as it should be.</param>
/// <param name="Failure">Why the socket does not serve, if it could not be repaired.</param>
/// <param name="Relistened">Whether it had ceased to listen, lost its queue, and listens again: it is now the last of its group.</param>
internal sealed record SocketHealthReport(IReadOnlyList<string> Healed, string? Failure, bool Relistened);
