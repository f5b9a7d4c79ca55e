namespace WorkerPool.Runtime;

/// <summary>Comes back to something in the master's loop after a short while; once, however often it is asked meanwhile. Owned by the loop.</summary>
internal sealed class Retry(MasterLoop loop, TimeProvider time)
{
    public static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(20);

    private bool _isAsked;

    /// <summary>Ends when nothing is waited for.</summary>
    public Task Waiting { get; private set; } = Task.CompletedTask;

    /// <param name="again">What to do.</param>
    /// <param name="closing">Ends the wait.</param>
    public void Ask(Action again, CancellationTokenSource closing)
    {
        if (!_isAsked)
        {
            _isAsked = true;
            Waiting = WaitAsync(again, closing);
        }
    }

    private async Task WaitAsync(Action again, CancellationTokenSource closing)
    {
        await Task.Delay(Delay, time, closing.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        loop.Post(() =>
        {
            _isAsked = false;
            again();
        });
    }
}
