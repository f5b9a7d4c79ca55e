namespace WorkerPool.Control;

/// <summary>The peer of a control channel broke the protocol; the message says how. The channel is of no use any more.</summary>
internal sealed class ProtocolViolationException : IOException
{
    public ProtocolViolationException(string message)
        : base(message)
    {
    }

    public ProtocolViolationException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>A valid message at a time when the protocol has no place for it.</summary>
    public static ProtocolViolationException Unexpected(ControlMessage message, string expected) =>
        new($"The message \"{message.Type}\" is unexpected here; expected was {expected}.");
}
