using Microsoft.Extensions.Logging;

namespace WorkerPool.Runtime;

/// <summary>What the master logs. Event ids are fixed.</summary>
internal static partial class MasterLog
{
    [LoggerMessage(1, LogLevel.Information, "Endpoint {Endpoint} listens on {Address}, {Slots} slots.")]
    public static partial void Listening(ILogger logger, string endpoint, string address, int slots);

    [LoggerMessage(2, LogLevel.Warning, "{Message}")]
    public static partial void Warning(ILogger logger, string message);

    [LoggerMessage(EventId = 3, Message = "{Kind}, slot {Slot}, generation {Generation}, process {ProcessId}, release {Label}: {Message}")]
    public static partial void OfWorker(
        ILogger logger, LogLevel level, PoolEventKind kind, int? slot, int? generation, int? processId, string? label, string message);

    [LoggerMessage(EventId = 4, Message = "{Kind}: {Message}")]
    public static partial void OfPool(ILogger logger, LogLevel level, PoolEventKind kind, string message);

    [LoggerMessage(5, LogLevel.Error, "The master's loop failed. All workers are stopped.")]
    public static partial void LoopFailed(ILogger logger, Exception exception);

    [LoggerMessage(6, LogLevel.Error, "{Worker}: {What} failed.")]
    public static partial void WorkerFailed(ILogger logger, string worker, string what, Exception exception);

    [LoggerMessage(7, LogLevel.Error, "A listener to metrics or traces failed. What it is not told from now on is not said again.")]
    public static partial void ListenerFailed(ILogger logger, Exception exception);

    [LoggerMessage(8, LogLevel.Debug, "Process {ProcessId}, which had lost its parent, has ended.")]
    public static partial void OrphanCollected(ILogger logger, int processId);

    public static void Event(ILogger logger, PoolEvent poolEvent)
    {
        LogLevel level = LevelOf(poolEvent);
        if (poolEvent.Slot is not null)
        {
            OfWorker(
                logger, level, poolEvent.Kind, poolEvent.Slot, poolEvent.Generation, poolEvent.ProcessId, poolEvent.Label, poolEvent.Message);
        }
        else
        {
            OfPool(logger, level, poolEvent.Kind, poolEvent.Message);
        }
    }

    private static LogLevel LevelOf(PoolEvent poolEvent) => poolEvent.Kind switch
    {
        PoolEventKind.SpawnFailed or PoolEventKind.ProtocolViolation or PoolEventKind.BreakerOpened or PoolEventKind.SocketHealed => LogLevel.Error,
        PoolEventKind.WorkerStopping or PoolEventKind.WorkerSignalled or PoolEventKind.WorkerUnresponsive or PoolEventKind.Warning or PoolEventKind.RespawnScheduled => LogLevel.Warning,
        PoolEventKind.WorkerExited when poolEvent.Exit is { IsSuccess: false } => LogLevel.Warning,
        PoolEventKind.CommandEnded when poolEvent.Verdict is { IsDone: false } => LogLevel.Warning,
        _ => LogLevel.Information,
    };
}
