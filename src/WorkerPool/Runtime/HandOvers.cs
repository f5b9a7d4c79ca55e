using WorkerPool.Interop;
using WorkerPool.Sockets;
using WorkerPool.Supervision;

namespace WorkerPool.Runtime;

/// <summary>
/// Idle connections on their way from a worker that drains to one that goes on to serve them:
/// <code>
/// 1  a worker is to drain, and a ready one has promised to take over what it speaks: it is told that it may hand over
/// 2  it sends what is idle through its pass channel
/// 3  each is taken out there when another worker has received it. While none can, they wait in the channel, which is
///    short; the worker notices that it is full, and serves what is left itself
/// 4  the worker has ended: what is still in the channel is held here, and closed if nobody takes it for a time
/// </code>
/// </summary>
/// <remarks>Everything but the waiting happens in the master's loop.</remarks>
internal sealed class HandOvers(MasterLoop loop, PoolOptions options) : IAsyncDisposable
{
    private const int MostAtOnce = 256;
    private static readonly TimeSpan HoldTime = TimeSpan.FromSeconds(10);

    private readonly Dictionary<WorkerKey, Leaving> _leaving = [];
    private readonly List<Task> _watchers = [];
    private readonly Queue<Held> _held = [];
    private readonly CancellationTokenSource _closing = new();
    private readonly Retry _retry = new(loop, options.TimeProvider);

    /// <summary>A worker is about to drain. True: others take its idle connections over.</summary>
    public bool Begin(WorkerKey key)
    {
        if (loop.Status.Stopping || loop.WorkerOf(key) is not WorkerProcess worker || !HasTaker(worker))
        {
            return false;
        }

        if (!_leaving.ContainsKey(key))
        {
            Leaving leaving = new(key, worker);
            _leaving.Add(key, leaving);
            _watchers.RemoveAll(watcher => watcher.IsCompleted);
            _watchers.Add(WatchAsync(leaving));
        }

        return true;
    }

    /// <summary>The pool stops: nobody takes anything over any more.</summary>
    public void End()
    {
        foreach (Leaving leaving in _leaving.Values)
        {
            PassSome(leaving);
            leaving.Worker.Drain(options.DrainDeadline, takeQueue: false, handOver: false);
        }
    }

    /// <summary>A worker has ended; what it had handed over before is held here until somebody takes it.</summary>
    public void TakeRest(WorkerKey key, WorkerProcess worker)
    {
        if (!_leaving.Remove(key, out Leaving? leaving))
        {
            return;
        }

        int taken = 0;
        long since = options.TimeProvider.GetTimestamp(); // of all, so that what nobody takes is closed at once
        try
        {
            while (leaving.Next() is (int endpoint, string protocol, Descriptor connection))
            {
                worker.HandedOver.Discard();
                Hold(new Held(key.Slot, endpoint, protocol, connection, since));
                taken++;
            }
        }
        catch (Exception e) when (e is SystemCallException or InvalidDataException)
        {
            loop.Announce(PoolEventKind.Warning, $"Connections that {key} handed over were lost when it ended: {e.Message}", key.Slot);
        }

        leaving.Dispose();
        int waiting = Math.Min(_held.Count, taken); // the last in the queue are this worker's
        AnnouncePassed(key.Slot, leaving.Count + taken - waiting, waiting);
    }

    /// <summary>Takes a connection that was handed over, and that its new worker has not received.</summary>
    /// <param name="slot">Where it comes from.</param>
    /// <param name="endpoint">The index of its endpoint.</param>
    /// <param name="protocol">What is spoken on it; null: nobody can know, so it is closed.</param>
    /// <param name="connection">Taken over.</param>
    public void Hold(int slot, int endpoint, string? protocol, Descriptor connection)
    {
        if (protocol is null)
        {
            connection.Dispose();
            return;
        }

        Hold(new Held(slot, endpoint, protocol, connection, options.TimeProvider.GetTimestamp()));
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        foreach (Leaving leaving in _leaving.Values)
        {
            leaving.Dispose();
        }

        await Task.WhenAll([.. _watchers, _retry.Waiting]);
        foreach (Held held in _held)
        {
            held.Connection.Dispose();
        }

        _closing.Dispose();
    }

    private async Task WatchAsync(Leaving leaving)
    {
        while (await leaving.Readiness.WaitAsync())
        {
            TaskCompletionSource<bool> passed = new(TaskCreationOptions.RunContinuationsAsynchronously);
            if (!loop.Post(() => passed.SetResult(!_leaving.ContainsKey(leaving.Key) || PassSome(leaving))))
            {
                return; // the pool has stopped
            }

            if (!await passed.Task)
            {
                await Task.Delay(Retry.Delay, options.TimeProvider, _closing.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>Passes on what has come, up to a number that does not keep the loop from other work. False: it is to be tried again later.</summary>
    private bool PassSome(Leaving leaving)
    {
        try
        {
            for (int count = 0; count < MostAtOnce; count++)
            {
                if (leaving.Next() is not (int endpoint, string protocol, Descriptor connection))
                {
                    return leaving.HasRoom;
                }

                using (connection)
                {
                    if (!TryPass(leaving.Key.Slot, endpoint, protocol, connection))
                    {
                        return false;
                    }

                    leaving.Worker.HandedOver.Discard();
                    leaving.Count++;
                }
            }

            return true;
        }
        catch (InvalidDataException e)
        {
            loop.ProtocolViolated(leaving.Key, e.Message);
            return false;
        }
        catch (SystemCallException e)
        {
            loop.Announce(PoolEventKind.Warning, $"A connection that was handed over could not be passed on: {e.Message}", leaving.Key.Slot);
            leaving.Worker.HandedOver.Discard();
            return false;
        }
    }

    private bool TryPass(int from, int endpoint, string protocol, Descriptor connection)
    {
        (SlotStatus Slot, WorkerProcess Worker)[] ready = [.. loop.ReadySlots.Where(ready => ready.Worker.ProtocolOf(endpoint) == protocol)];
        Taker[] takers = [.. ready.Select(one => new Taker(one.Slot.Slot, one.Slot.Share))];
        return TakerChoice.Order(from, takers, Random.Shared.NextDouble)
            .Any(index => ready[index].Worker.Pass(~endpoint, connection) == SendResult.Sent);
    }

    private void Hold(Held held)
    {
        _held.Enqueue(held);
        PassHeld();
    }

    private void AnnouncePassed(int slot, int passed, int waiting)
    {
        string rest = waiting == 0 ? "" : $" {Counted.Of(waiting, "other")} can wait {HoldTime.TotalSeconds} s for somebody to take them.";
        if (passed + waiting > 0)
        {
            loop.Announce(PoolEventKind.ConnectionsPassed, $"{Counted.Of(passed, "idle connection")} of a worker that drained went to others.{rest}", slot);
        }
    }

    private void PassHeld()
    {
        int closed = 0;
        while (_held.TryPeek(out Held? held))
        {
            bool isPassed = TryPass(held.Slot, held.Endpoint, held.Protocol, held.Connection);
            bool isLate = options.TimeProvider.GetElapsedTime(held.Since) >= HoldTime;
            if (!isPassed && !isLate)
            {
                break;
            }

            closed += isPassed ? 0 : 1;
            _held.Dequeue().Connection.Dispose();
        }

        if (closed > 0)
        {
            loop.Announce(PoolEventKind.Warning, $"Closed {Counted.Of(closed, "idle connection")} of a worker that had drained: nobody took them within {HoldTime.TotalSeconds} s.");
        }

        if (_held.Count > 0)
        {
            _retry.Ask(PassHeld, _closing);
        }
    }

    private bool HasTaker(WorkerProcess leaving) => loop.ReadySlots.Any(ready =>
        ready.Worker != leaving
        && ready.Slot.Share > 0
        && Enumerable.Range(0, options.Endpoints.Count).Any(
            endpoint => leaving.ProtocolOf(endpoint) is string protocol && ready.Worker.ProtocolOf(endpoint) == protocol));

    /// <summary>A connection that its worker could not hand over before it ended.</summary>
    private sealed record Held(int Slot, int Endpoint, string Protocol, Descriptor Connection, long Since);

    /// <summary>A worker that drains, and the watch over what it hands over.</summary>
    private sealed class Leaving(WorkerKey key, WorkerProcess worker) : IDisposable
    {
        public WorkerKey Key => key;

        public WorkerProcess Worker => worker;

        public Readiness Readiness { get; } = new(worker.HandedOver.Descriptor);

        /// <summary>How many were passed on.</summary>
        public int Count { get; set; }

        /// <summary>False: the master has no descriptor left for the next one.</summary>
        public bool HasRoom { get; private set; } = true;

        /// <summary>A copy of the next connection, the caller's, which the channel keeps; null: none for now.</summary>
        /// <exception cref="InvalidDataException">It is nothing that the worker may hand over.</exception>
        public (int Endpoint, string Protocol, Descriptor Connection)? Next()
        {
            ReceiveResult result = worker.HandedOver.TryPeek(out int endpoint, out Descriptor? connection);
            HasRoom = result != ReceiveResult.NoRoom;
            if (result != ReceiveResult.Received)
            {
                return null;
            }

            if (worker.ProtocolOf(endpoint) is string protocol && StreamPosition.IsConnection(connection!))
            {
                return (endpoint, protocol, connection!);
            }

            connection!.Dispose();
            throw new InvalidDataException($"it handed over something else than a TCP connection of an endpoint that it has promised to take over: endpoint {endpoint}.");
        }

        public void Dispose() => Readiness.Dispose();
    }
}
