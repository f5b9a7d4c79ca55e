using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace WorkerPool.Runtime;

/// <summary>Gives each event to each reader. A reader that is too slow loses the oldest ones, and holds up nobody.</summary>
internal sealed class EventStream
{
    private const int Capacity = 1024;

    private ImmutableList<Channel<PoolEvent>> _readers = [];
    private bool _completed;

    public void Publish(PoolEvent poolEvent)
    {
        foreach (Channel<PoolEvent> reader in _readers)
        {
            reader.Writer.TryWrite(poolEvent);
        }
    }

    public void Complete()
    {
        Volatile.Write(ref _completed, true);
        foreach (Channel<PoolEvent> reader in _readers)
        {
            reader.Writer.TryComplete();
        }
    }

    /// <summary>Subscribes at once, so that no event after the call is missed; the reading may begin later.</summary>
    public IAsyncEnumerable<PoolEvent> Subscribe(CancellationToken cancellationToken)
    {
        Channel<PoolEvent> reader = Channel.CreateBounded<PoolEvent>(
            new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.DropOldest });
        ImmutableInterlocked.Update(ref _readers, readers => readers.Add(reader));
        if (Volatile.Read(ref _completed))
        {
            reader.Writer.TryComplete();
        }

        return ReadAsync(reader, cancellationToken);
    }

    private async IAsyncEnumerable<PoolEvent> ReadAsync(
        Channel<PoolEvent> reader,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        try
        {
            await foreach (PoolEvent poolEvent in reader.Reader.ReadAllAsync(cancellationToken))
            {
                yield return poolEvent;
            }
        }
        finally
        {
            ImmutableInterlocked.Update(ref _readers, readers => readers.Remove(reader));
        }
    }
}
