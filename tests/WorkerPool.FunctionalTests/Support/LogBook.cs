using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using Microsoft.Extensions.Logging;

namespace WorkerPool.FunctionalTests.Support;

/// <summary>Keeps what a master logs, so that a failed test can show it.</summary>
internal sealed class LogBook : ILoggerFactory, ILogger
{
    private readonly ConcurrentQueue<string> _lines = new();

    public string Text => string.Join('\n', _lines);

    public IEnumerable<string> Lines => _lines;

    /// <summary>Where an endpoint listens, or listened.</summary>
    public IPEndPoint AddressOf(string endpoint)
    {
        string start = $"Endpoint {endpoint} listens on ";
        string line = Lines.First(line => line.Contains(start, StringComparison.Ordinal));
        return IPEndPoint.Parse(line.Split(start)[1].Split(", ")[0]);
    }

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Enqueue(string.Create(
            CultureInfo.InvariantCulture, $"{DateTime.UtcNow:mm:ss.fff} {logLevel} {formatter(state, exception)} {exception}"));

    public void Dispose()
    {
    }
}
