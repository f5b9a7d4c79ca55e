using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;

namespace WorkerPool.Runtime;

/// <summary>The events that one reader has not read yet: a bounded number, the oldest are lost first. One reader at a time.</summary>
internal sealed class EventReader : IDisposable
{
    private readonly Channel<PoolEvent> _unread;
    private readonly EventStream _stream;
    private int _lost;

    public EventReader(EventStream stream, int capacity, IEnumerable<PoolEvent> first)
    {
        _stream = stream;
        _unread = Channel.CreateBounded<PoolEvent>(
            new BoundedChannelOptions(capacity) { FullMode = BoundedChannelFullMode.DropOldest },
            _ => Interlocked.Increment(ref _lost));
        foreach (PoolEvent happened in first)
        {
            Add(happened);
        }
    }

    public void Add(PoolEvent happened) => _unread.Writer.TryWrite(happened);

    public void Complete() => _unread.Writer.TryComplete();

    /// <summary>Waits until there is an event; false: there will be none.</summary>
    public Task<bool> WaitAsync(CancellationToken cancellationToken) => _unread.Reader.WaitToReadAsync(cancellationToken).AsTask();

    /// <param name="happened">The oldest event that is there.</param>
    /// <param name="lost">How many were lost before it and since the last call.</param>
    public bool TryRead([NotNullWhen(true)] out PoolEvent? happened, out int lost)
    {
        bool read = _unread.Reader.TryRead(out happened);
        lost = read ? Interlocked.Exchange(ref _lost, 0) : 0;
        return read;
    }

    public void Dispose() => _stream.Remove(this);
}
