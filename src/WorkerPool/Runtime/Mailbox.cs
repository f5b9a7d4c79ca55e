using System.Threading.Channels;

namespace WorkerPool.Runtime;

/// <summary>
/// The master's one loop: everything that happens is a letter in this box, and one reader handles them in order.
/// All state of the master belongs to that reader, so there are no locks.
/// </summary>
internal sealed class Mailbox : IDisposable
{
    private readonly Channel<Action> _letters =
        Channel.CreateUnbounded<Action>(new UnboundedChannelOptions { SingleReader = true });

    private readonly ITimer _timer;

    public Mailbox(TimeProvider time)
    {
        // An empty letter: the reader looks at the time after each round anyway.
        _timer = time.CreateTimer(_ => Post(static () => { }), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Adds a letter; false if the reader is gone. Thread-safe.</summary>
    public bool Post(Action letter) => _letters.Writer.TryWrite(letter);

    /// <summary>Sees to it that the reader gets up after the time, if nothing else wakes it before.</summary>
    public void WakeAfter(TimeSpan? delay) =>
        _timer.Change(delay is TimeSpan time ? Max(time, TimeSpan.Zero) : Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    /// <summary>Handles letters until the box is closed: after each round of them, <paramref name="settle"/>.</summary>
    public async Task RunAsync(Action settle)
    {
        while (await _letters.Reader.WaitToReadAsync())
        {
            while (_letters.Reader.TryRead(out Action? letter))
            {
                letter();
            }

            settle();
        }
    }

    public void Close() => _letters.Writer.TryComplete();

    public void Dispose() => _timer.Dispose();

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;
}
