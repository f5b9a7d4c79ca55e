namespace WorkerPool.Cli;

/// <summary>What was asked for makes no sense; the message says why.</summary>
internal sealed class UsageException(string message) : Exception(message);
