using WorkerPool.Sockets;
using Xunit;

namespace WorkerPool.Tests.Sockets;

public class ConnectionTrackerTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    private readonly ConnectionTracker _tracker = new();

    [Fact]
    public async Task None_is_reached_at_once_when_nothing_is_live() => await _tracker.WhenNoneAsync().WaitAsync(Deadline);

    [Fact]
    public async Task None_is_reached_when_the_last_one_ends()
    {
        _tracker.Begin();
        _tracker.Begin();
        Task none = _tracker.WhenNoneAsync();
        _tracker.End();
        Assert.False(none.IsCompleted);
        _tracker.End();

        await none.WaitAsync(Deadline);
        Assert.Equal((0, 2L), (_tracker.Live, _tracker.Accepted));
    }

    [Fact]
    public async Task A_wait_for_none_can_be_cancelled_and_harms_no_other()
    {
        using CancellationTokenSource cancel = new();
        _tracker.Begin();
        Task none = _tracker.WhenNoneAsync();
        Task cancelled = _tracker.WhenNoneAsync(cancel.Token);
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        _tracker.End();
        await none.WaitAsync(Deadline);
    }

    [Fact]
    public async Task Each_end_wakes_those_who_wait_for_one()
    {
        _tracker.Begin();
        _tracker.Begin();
        Task one = _tracker.WhenOneEndsAsync();
        _tracker.End();
        await one.WaitAsync(Deadline);

        Assert.False(_tracker.WhenOneEndsAsync().IsCompleted);
    }

    [Fact]
    public void Each_change_is_told()
    {
        List<int> told = [];
        _tracker.Changed = () => told.Add(_tracker.Live);

        _tracker.Begin();
        _tracker.Begin();
        _tracker.End();

        Assert.Equal([1, 2, 1], told);
    }

    [Fact]
    public async Task No_wait_is_missed_however_threads_interleave()
    {
        for (int round = 0; round < 2_000; round++)
        {
            _tracker.Begin();
            Task ending = Task.Run(_tracker.End);
            await _tracker.WhenNoneAsync().WaitAsync(Deadline);
            await ending;
        }

        Assert.Equal((0, 2_000L), (_tracker.Live, _tracker.Accepted));
    }
}
