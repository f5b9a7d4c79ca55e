using Microsoft.Extensions.Logging;

namespace WorkerPool.Runtime;

/// <summary>What a worker logs with if its host gives no logger: warnings and errors, to standard error, a line each.</summary>
internal sealed class StandardErrorLogger : ILogger
{
    // Opened before it is needed: the worst news is that the process has no descriptor left.
    private readonly TextWriter _output = Console.Error;

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
            _output.WriteLine(exception is null ? $"WorkerPool: {text}" : $"WorkerPool: {text} {exception}");
        }
    }
}
