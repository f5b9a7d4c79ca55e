using WorkerPool.Interop;
using WorkerPool.Sockets;
using WorkerPool.Supervision;
using static Tmds.Linux.LibC;

namespace WorkerPool.Runtime;

/// <summary>
/// The sockets of slots that are gone. What waits there, and what still arrives (a handshake that has begun stays with
/// its socket), is accepted here and handed to a live worker; after the linger time the sockets are closed. What a
/// worker had not received when it ended comes back, and goes to another.
/// </summary>
/// <remarks>
/// Everything but the waiting happens in the master's loop, so a connection is never between two owners: it is accepted
/// only while a worker is there to take it, and stays in the kernel's queue, or the channel, otherwise.
/// Where the kernel refuses to steer, new connections go on to arrive, so the sockets stay for the life of the pool; so do
/// those that the service manager holds open too, which would stay in the group without anybody to accept.
/// </remarks>
internal sealed class Retirement(PoolSockets sockets, MasterLoop loop, HandOvers handOvers, PoolOptions options) : IAsyncDisposable
{

    private readonly List<RetiredSlot> _retired = [];
    private readonly List<Task> _watchers = [];
    private readonly Queue<Returned> _returned = [];
    private readonly CancellationTokenSource _closing = new();
    private readonly Retry _retry = new(loop, options.TimeProvider);
    private (int Endpoint, Descriptor Connection)? _held; // accepted, and no worker had room for it
    private int _nextWorker;

    /// <summary>The slots from the count on are gone.</summary>
    public void Begin(int slots)
    {
        for (int slot = slots; slot < sockets.SlotCount; slot++)
        {
            if (_retired.All(retired => retired.Slot != slot))
            {
                RetiredSlot retired = new(slot, sockets);
                _retired.Add(retired);
                _watchers.AddRange(retired.Watches.Select(watch => WatchAsync(retired, watch.Endpoint, watch.Readiness)));
                _watchers.Add(CloseAfterLingerAsync(retired));
            }
        }
    }

    /// <summary>The slots below the count come back: their sockets are theirs again.</summary>
    public void End(int slots)
    {
        foreach (RetiredSlot retired in _retired.Where(retired => retired.Slot < slots).ToArray())
        {
            retired.Dispose();
            _retired.Remove(retired);
        }
    }

    /// <summary>Hands on everything that waits now, because the workers are about to drain.</summary>
    public void PassAll()
    {
        foreach (RetiredSlot retired in _retired)
        {
            PassAllOf(retired);
        }
    }

    /// <summary>A worker has ended: what was passed to it and never received goes to others.</summary>
    /// <param name="slot">Its slot.</param>
    /// <param name="unread">Taken over.</param>
    /// <param name="protocolOf">What it spoke on the connections that others had handed over to it.</param>
    public void TakeBack(int slot, DescriptorChannel unread, Func<int, string?> protocolOf)
    {
        _returned.Enqueue(new Returned(slot, unread, protocolOf));
        PassReturned();
    }

    public async ValueTask DisposeAsync()
    {
        End(int.MaxValue);
        await _closing.CancelAsync();
        await Task.WhenAll([.. _watchers, _retry.Waiting]);
        _closing.Dispose();
        _held?.Connection.Dispose();
        foreach (Returned returned in _returned)
        {
            returned.Unread.Dispose();
        }
    }

    private async Task WatchAsync(RetiredSlot retired, int endpoint, Readiness watch)
    {
        while (await watch.WaitAsync())
        {
            TaskCompletionSource<bool> passed = new(TaskCreationOptions.RunContinuationsAsynchronously);
            if (!loop.Post(() => passed.SetResult(retired.Ended.IsCancellationRequested || TryPass(retired, endpoint))))
            {
                return; // the pool has stopped
            }

            if (!await passed.Task)
            {
                await Task.Delay(Retry.Delay, options.TimeProvider, retired.Ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task CloseAfterLingerAsync(RetiredSlot retired)
    {
        await Task.Delay(options.RetiredSocketLinger, options.TimeProvider, retired.Ended)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        loop.Post(() => CloseFrom(retired));
    }

    /// <summary>Those that were retired later have lower slots, so what is behind this one is due too.</summary>
    private void CloseFrom(RetiredSlot first)
    {
        bool steered = sockets.Endpoints.All(endpoint => endpoint.IsShared || endpoint.SteeringRefusal is null);
        if (first.Ended.IsCancellationRequested || !steered || first.Slot < sockets.LeastSlotCount)
        {
            return;
        }

        foreach (RetiredSlot retired in _retired.Where(retired => retired.Slot >= first.Slot).ToArray())
        {
            PassAllOf(retired);
            retired.Dispose();
            _retired.Remove(retired);
        }

        sockets.ShrinkTo(first.Slot);
        PassReturned(); // with no watch left, somebody has to come back to one that is held
    }

    private void PassReturned()
    {
        while (_returned.TryPeek(out Returned? returned) && PassAllOf(returned))
        {
            _returned.Dequeue().Unread.Dispose();
        }

        PassHeld([.. loop.ReadyWorkers]);
        if (_held is not null || _returned.Count > 0)
        {
            _retry.Ask(PassReturned, _closing);
        }
    }

    private bool PassAllOf(Returned returned)
    {
        if (returned.Unread.CountWaiting() > 0)
        {
            TryPass(() => TryReceive(returned), returned.Slot, "that a worker had not received when it ended");
        }

        return returned.Unread.CountWaiting() == 0;
    }

    /// <summary>The next connection that any worker may have; those that were handed over are not ours.</summary>
    private (int Endpoint, Descriptor Connection)? TryReceive(Returned returned)
    {
        while (returned.Unread.TryReceive(out int endpoint, out Descriptor? connection) == ReceiveResult.Received)
        {
            if (endpoint >= 0)
            {
                return (endpoint, connection!);
            }

            handOvers.Hold(returned.Slot, ~endpoint, returned.ProtocolOf(~endpoint), connection!);
        }

        return null;
    }

    private void PassAllOf(RetiredSlot retired)
    {
        foreach ((int endpoint, _) in retired.Watches)
        {
            TryPass(retired, endpoint);
        }
    }

    private bool TryPass(RetiredSlot retired, int endpoint) => TryPass(
        () => TryAccept(sockets.Endpoints[endpoint].Get(retired.Slot)) is Descriptor connection ? (endpoint, connection) : null,
        retired.Slot,
        "that arrived here");

    private bool TryPass(Func<(int Endpoint, Descriptor Connection)?> takeNext, int slot, string which)
    {
        try
        {
            return Pass(takeNext, slot, which);
        }
        catch (SystemCallException e)
        {
            loop.Announce(PoolEventKind.Warning, $"Connections {which} could not be passed on: {e.Message}", slot);
            return false;
        }
    }

    /// <summary>Takes and hands on until nothing is left; false: no worker can take more now.</summary>
    private bool Pass(Func<(int Endpoint, Descriptor Connection)?> takeNext, int slot, string which)
    {
        WorkerProcess[] workers = [.. loop.ReadyWorkers];
        int count = 0;
        bool hasRoom = PassHeld(workers);
        while (hasRoom && workers.Length > 0 && takeNext() is (int, Descriptor) next)
        {
            _held = next;
            hasRoom = PassHeld(workers);
            count++;
        }

        if (count > 0)
        {
            loop.Announce(PoolEventKind.ConnectionsPassed, $"{Counted.Of(count, "connection")} {which} went to live workers.", slot);
        }

        return hasRoom && workers.Length > 0;
    }

    private bool PassHeld(WorkerProcess[] workers)
    {
        if (_held is not (int endpoint, Descriptor connection))
        {
            return true;
        }

        for (int attempt = 0; attempt < workers.Length; attempt++)
        {
            if (workers[_nextWorker++ % workers.Length].Pass(endpoint, connection) == SendResult.Sent)
            {
                connection.Dispose();
                _held = null;
                return true;
            }
        }

        return false;
    }

    private static unsafe Descriptor? TryAccept(ListeningSocket socket)
    {
        while (true)
        {
            int connection = accept4(socket.Number, null, null, SOCK_CLOEXEC | SOCK_NONBLOCK);
            if (connection >= 0)
            {
                return new Descriptor(connection);
            }

            if (Errno.Last != EINTR && Errno.Last != ECONNABORTED)
            {
                // EAGAIN: nothing waits. EMFILE and its like: it goes on waiting there, and the watch comes back to it.
                return null;
            }
        }
    }

    /// <summary>What a worker that has ended had not received.</summary>
    private sealed record Returned(int Slot, DescriptorChannel Unread, Func<int, string?> ProtocolOf);

    /// <summary>One slot that is gone, and the watches over its sockets.</summary>
    private sealed class RetiredSlot : IDisposable
    {
        private readonly CancellationTokenSource _ended = new();

        public RetiredSlot(int slot, PoolSockets sockets)
        {
            Slot = slot;
            Ended = _ended.Token;
            Watches =
            [
                // A shared socket needs no watch: the slots that stay accept from it.
                .. sockets.Endpoints.Index()
                    .Where(endpoint => !endpoint.Item.IsShared)
                    .Select(endpoint => (endpoint.Index, new Readiness(endpoint.Item.Get(slot)))),
            ];
        }

        public int Slot { get; }

        public IReadOnlyList<(int Endpoint, Readiness Readiness)> Watches { get; }

        public CancellationToken Ended { get; }

        public void Dispose()
        {
            _ended.Cancel();
            foreach ((_, Readiness readiness) in Watches)
            {
                readiness.Dispose();
            }

            _ended.Dispose();
        }
    }
}
