using Microsoft.Extensions.Logging;

namespace WorkerPool.Runtime;

/// <summary>What a worker logs beside its accept loop. Event ids are fixed.</summary>
internal static partial class WorkerLog
{
    [LoggerMessage(2, LogLevel.Error, "A handler of ReopeningLogs failed.")]
    public static partial void ReopeningFailed(ILogger logger, Exception exception);
}
