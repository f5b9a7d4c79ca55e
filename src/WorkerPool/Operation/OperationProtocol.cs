namespace WorkerPool.Operation;

/// <summary>The numbers of the protocol between operator and master, see docs/control-protocol.md.</summary>
internal static class OperationProtocol
{
    public const int Version = 1;

    /// <summary>The longest line of a client, its end included, in bytes.</summary>
    public const int MaxRequestBytes = 64 * 1024;

    /// <summary>The longest line of a master that a client takes: the status of 1,024 slots with two workers each, and more.</summary>
    public const int MaxAnswerBytes = 16 * 1024 * 1024;

    public const int MaxDepth = 16;

    /// <summary>How many clients there may be at a time.</summary>
    public const int MaxClients = 64;
}
