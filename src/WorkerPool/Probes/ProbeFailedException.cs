namespace WorkerPool.Probes;

/// <summary>A probe got another answer than it wanted; the message alone says all.</summary>
internal sealed class ProbeFailedException(string message) : IOException(message);
