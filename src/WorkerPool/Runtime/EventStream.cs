using System.Collections.Immutable;
using System.Runtime.CompilerServices;

namespace WorkerPool.Runtime;

/// <summary>
/// Gives each event to each reader, and remembers the last ones for readers to come. A reader that is too slow loses the
/// oldest ones, and holds up nobody.
/// </summary>
internal sealed class EventStream
{
    public const int Capacity = 1024;
    public const int Remembered = 256;

    private State _state = new([], [], 0);
    private bool _completed;

    /// <summary>One caller at a time.</summary>
    public void Publish(PoolEvent happened)
    {
        foreach (EventReader reader in Change(state => state.With(happened)).Readers)
        {
            reader.Add(happened);
        }
    }

    public void Complete()
    {
        Volatile.Write(ref _completed, true);
        foreach (EventReader reader in _state.Readers)
        {
            reader.Complete();
        }
    }

    /// <summary>Subscribes at once, so that no event after the call is missed; the reading may begin later.</summary>
    public IAsyncEnumerable<PoolEvent> Subscribe(CancellationToken cancellationToken) => ReadAsync(Open(), cancellationToken);

    /// <summary>Subscribes at once, with so many of the last events before; to be disposed.</summary>
    public EventReader Open(int last = 0)
    {
        EventReader reader = null!;
        Change(state =>
        {
            reader = new EventReader(this, Capacity, state.Last.Skip(Math.Max(0, state.LastCount - last)));
            return state with { Readers = state.Readers.Add(reader) };
        });
        if (Volatile.Read(ref _completed))
        {
            reader.Complete();
        }

        return reader;
    }

    public void Remove(EventReader reader) => Change(state => state with { Readers = state.Readers.Remove(reader) });

    private State Change(Func<State, State> change)
    {
        while (true)
        {
            State before = Volatile.Read(ref _state);
            State after = change(before);
            if (Interlocked.CompareExchange(ref _state, after, before) == before)
            {
                return after;
            }
        }
    }

    private static async IAsyncEnumerable<PoolEvent> ReadAsync(
        EventReader opened, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using EventReader reader = opened;
        while (await reader.WaitAsync(cancellationToken))
        {
            while (reader.TryRead(out PoolEvent? happened, out _))
            {
                yield return happened;
            }
        }
    }

    /// <summary>Readers and memory together, so that a new reader gets each event once.</summary>
    private sealed record State(ImmutableList<EventReader> Readers, ImmutableQueue<PoolEvent> Last, int LastCount)
    {
        public State With(PoolEvent happened) => LastCount < Remembered
            ? this with { Last = Last.Enqueue(happened), LastCount = LastCount + 1 }
            : this with { Last = Last.Dequeue().Enqueue(happened) };
    }
}
