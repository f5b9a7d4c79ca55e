using System.Text;
using Microsoft.Extensions.Logging;
using WorkerPool.Interop;
using static Tmds.Linux.LibC;

namespace WorkerPool.Runtime;

/// <summary>What a worker logs with if its host gives no logger: warnings and errors, to standard error, a line each.</summary>
internal sealed class StandardErrorLogger : ILogger
{
    public static StandardErrorLogger Instance { get; } = new();

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel is >= LogLevel.Warning and < LogLevel.None;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            string text = formatter(state, exception);
            Write(Encoding.UTF8.GetBytes(exception is null ? $"WorkerPool: {text}\n" : $"WorkerPool: {text} {exception}\n"));
        }
    }

    // Not through Console, which opens files when it is first used: the worst news is that no descriptor is left.
    // A line that standard error does not take is not worth a worker.
    private static unsafe void Write(ReadOnlySpan<byte> line)
    {
        fixed (byte* bytes = line)
        {
            long written;
            do
            {
                written = write(2, bytes, line.Length);
            }
            while (written < 0 && Errno.Last == EINTR);
        }
    }
}
