using Microsoft.Extensions.Logging;

namespace WorkerPool.Operation;

/// <summary>What is logged of operators. Event ids are fixed.</summary>
internal static partial class OperationLog
{
    [LoggerMessage(1, LogLevel.Information, "Control: {Peer} asks for {Verb}.")]
    public static partial void Asked(ILogger logger, Peer? peer, string verb);

    [LoggerMessage(2, LogLevel.Warning, "Control: {Peer} was refused. {Message}")]
    public static partial void Refused(ILogger logger, Peer? peer, string message);

    [LoggerMessage(3, LogLevel.Error, "Control: the socket is broken; no operator can connect any more.")]
    public static partial void Broken(ILogger logger, Exception exception);

    [LoggerMessage(4, LogLevel.Error, "Control: a command failed in a way that nobody expected.")]
    public static partial void Failed(ILogger logger, Exception exception);

    [LoggerMessage(5, LogLevel.Warning, "Control: {Peer} does not read, and was disconnected.")]
    public static partial void DoesNotRead(ILogger logger, Peer? peer);
}
