using Microsoft.Extensions.Logging;
using WorkerPool.Interop;

namespace WorkerPool.Sockets;

internal sealed partial class Acceptor
{
    /// <summary>How long accepting pauses when descriptors or memory run out, unless a connection ends before.</summary>
    public static readonly TimeSpan ExhaustionPause = TimeSpan.FromMilliseconds(100);

    private TaskCompletionSource? _pause;

    private async ValueTask WaitAsync(CancellationToken cancellationToken)
    {
        // Whether it is readable, woken or disposed: the state says what comes next.
        using (cancellationToken.UnsafeRegister(static readiness => ((Readiness)readiness!).Wake(), _readiness))
        {
            await _readiness.WaitAsync().ConfigureAwait(false);
        }
    }

    // Level-triggered readiness would spin here: the connection that cannot be accepted stays in the queue.
    private async Task PauseAsync(CancellationToken cancellationToken)
    {
        Task ended = _tracker.WhenOneEndsAsync();
        Task woken = WhenWoken(static acceptor => !acceptor._closed);
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(ended, woken, Task.Delay(ExhaustionPause, _time, over.Token)).ConfigureAwait(false);
        await over.CancelAsync().ConfigureAwait(false);
    }

    // And here: what waits in the queue is not to be accepted yet.
    private Task HoldAsync(CancellationToken cancellationToken) =>
        WhenWoken(static acceptor => !acceptor._opened && !acceptor._stopped).WaitAsync(cancellationToken);

    private Task WhenWoken(Func<Acceptor, bool> hasToWait)
    {
        lock (_gate)
        {
            if (_injected.Count > 0 || !hasToWait(this))
            {
                return Task.CompletedTask;
            }

            _pause = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _pause.Task;
        }
    }

    // Under the gate.
    private void Wake()
    {
        _pause?.TrySetResult();
        _pause = null;
        _readiness.Wake();
    }

    private void ReportExhaustion(int error)
    {
        if (!_exhausted)
        {
            _exhausted = true;
            LogExhausted(_logger, _name, Errno.Name(error), _tracker.Live, ExhaustionPause.TotalMilliseconds);
        }
    }

    [LoggerMessage(1, LogLevel.Warning,
        "Accepting from endpoint \"{Endpoint}\" pauses: {Error} with {Live} live connections. New connections wait in the "
        + "queue; it is tried again whenever a connection ends, and every {Milliseconds} ms. Raise the limit of open files (ulimit -n).")]
    private static partial void LogExhausted(ILogger logger, string endpoint, string error, int live, double milliseconds);
}
