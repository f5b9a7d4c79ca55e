namespace WorkerPool.Sockets;

/// <summary>Counts the connections of a worker. Thread-safe and cheap: nothing is allocated unless somebody waits.</summary>
internal sealed class ConnectionTracker
{
    private int _live;
    private long _accepted;
    private TaskCompletionSource? _noneLeft;
    private TaskCompletionSource? _oneEnded;

    /// <summary>Called after each change, on the thread that made it; must be quick and must not throw.</summary>
    public Action? Changed { get; set; }

    /// <summary>Connections that have begun and not ended.</summary>
    public int Live => Volatile.Read(ref _live);

    /// <summary>Connections of clients that have begun so far.</summary>
    public long Accepted => Interlocked.Read(ref _accepted);

    /// <param name="ofClient">False: one that this worker made with itself, or that another has counted; it is live all the same.</param>
    public void Begin(bool ofClient = true)
    {
        if (ofClient)
        {
            Interlocked.Increment(ref _accepted);
        }

        Interlocked.Increment(ref _live);
        Changed?.Invoke();
    }

    public void End()
    {
        int left = Interlocked.Decrement(ref _live);
        Wake(ref _oneEnded);
        if (left == 0)
        {
            Wake(ref _noneLeft);
        }

        Changed?.Invoke();
    }

    /// <summary>Ends at the next moment at which no connection is live, which may be now.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public Task WhenNoneAsync(CancellationToken cancellationToken = default)
    {
        // First announce, then look: an end between the two finds the announcement.
        Task none = Announce(ref _noneLeft);
        if (Live == 0)
        {
            Wake(ref _noneLeft);
        }

        return none.WaitAsync(cancellationToken);
    }

    /// <summary>Ends when a connection ends, from now on.</summary>
    public Task WhenOneEndsAsync() => Announce(ref _oneEnded);

    private static Task Announce(ref TaskCompletionSource? waiters)
    {
        TaskCompletionSource fresh = new(TaskCreationOptions.RunContinuationsAsynchronously);
        return (Interlocked.CompareExchange(ref waiters, fresh, null) ?? fresh).Task;
    }

    private static void Wake(ref TaskCompletionSource? waiters)
    {
        // Both callers come from an interlocked operation, so this read cannot be too early.
        if (Volatile.Read(ref waiters) is not null)
        {
            Interlocked.Exchange(ref waiters, null)?.SetResult();
        }
    }
}
