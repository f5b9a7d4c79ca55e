namespace WorkerPool.Runtime;

/// <summary>Looks at the accept queues of all slots, period by period, in the master's loop.</summary>
internal sealed class QueueWatch : IAsyncDisposable
{
    private readonly PeriodicTimer _timer;
    private readonly Task _watching;
    private int _isDue;

    /// <param name="period">The time between two looks.</param>
    /// <param name="time">The clock.</param>
    /// <param name="post">Puts work into the loop; false if the loop has ended.</param>
    /// <param name="look">The work.</param>
    public QueueWatch(TimeSpan period, TimeProvider time, Func<Action, bool> post, Action look)
    {
        _timer = new PeriodicTimer(period, time);
        _watching = WatchAsync(post, look);
    }

    public async ValueTask DisposeAsync()
    {
        _timer.Dispose();
        await _watching;
    }

    /// <summary>A loop that is behind gets one look to do, not many.</summary>
    private async Task WatchAsync(Func<Action, bool> post, Action look)
    {
        void LookOnce()
        {
            Volatile.Write(ref _isDue, 0);
            look();
        }

        while (await _timer.WaitForNextTickAsync())
        {
            if (Interlocked.Exchange(ref _isDue, 1) == 0 && !post(LookOnce))
            {
                return;
            }
        }
    }
}
