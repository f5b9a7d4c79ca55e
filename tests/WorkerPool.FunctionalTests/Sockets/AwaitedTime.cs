namespace WorkerPool.FunctionalTests.Sockets;

/// <summary>Says when somebody begins to wait, and for how long.</summary>
internal sealed class AwaitedTime : TimeProvider
{
    private readonly TaskCompletionSource<TimeSpan> _waiting = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<TimeSpan> Waiting => _waiting.Task;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        _waiting.TrySetResult(dueTime);
        return base.CreateTimer(callback, state, dueTime, period);
    }
}
