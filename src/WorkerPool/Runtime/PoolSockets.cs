using System.Net;
using Microsoft.Extensions.Logging;
using WorkerPool.Interop;
using WorkerPool.Sockets;
using WorkerPool.Sockets.Activation;

namespace WorkerPool.Runtime;

/// <summary>All listening sockets of a pool: one row for each endpoint, one column for each slot. Owned by the master's loop.</summary>
internal sealed class PoolSockets : IDisposable
{
    private readonly List<EndpointSockets> _endpoints = [];
    private readonly Dictionary<string, EndPoint> _addresses = [];
    private readonly HashSet<string> _toldRefusals = [];
    private readonly bool _steering;
    private readonly ILogger _logger;
    private readonly PassedSockets _passed;
    private KeptSockets? _kept;
    private bool _hasStore;
    private int _handshakeWarnings;
    private SlotQueue[] _queues = [];

    private PoolSockets(bool steering, ILogger logger, PassedSockets passed)
    {
        _steering = steering;
        _passed = passed;
        _logger = logger;
    }

    public IReadOnlyList<EndpointSockets> Endpoints => _endpoints;

    /// <summary>
    /// The accept queues of all slots that have sockets, slot by slot, and then those that all slots share. Thread-safe:
    /// the list is exchanged when it changes.
    /// </summary>
    public IReadOnlyList<SlotQueue> Queues => Volatile.Read(ref _queues);

    /// <summary>How many slots have sockets; more than the pool has slots while some are retired.</summary>
    public int SlotCount { get; private set; }

    /// <summary>How many slots have sockets that cannot be closed, see <see cref="EndpointSockets.LeastSlotCount"/>.</summary>
    public int LeastSlotCount => _endpoints.Select(endpoint => endpoint.LeastSlotCount).Append(1).Max();

    /// <summary>Opens the sockets of all endpoints and slots: all of them, or none.</summary>
    /// <param name="endpoints">The addresses.</param>
    /// <param name="slots">How many slots; they all get new connections. There are more if more sockets were received.</param>
    /// <param name="logger">Gets what an operator should know.</param>
    /// <param name="steering">False: the kernel's hash always chooses among all slots.</param>
    /// <param name="passed">What the service manager has passed; default: nothing.</param>
    /// <param name="keep">Whether it keeps the sockets for the next master.</param>
    /// <exception cref="SystemCallException">The message says which one and what to do about it.</exception>
    /// <exception cref="IOException">What the service manager passed is not what an endpoint needs; nothing was opened.</exception>
    public static PoolSockets Open(
        IReadOnlyList<ListenEndpoint> endpoints, int slots, ILogger logger, bool steering = true, PassedSockets? passed = null, bool keep = false)
    {
        PoolSockets sockets = new(steering, logger, passed ?? PassedSockets.None);
        try
        {
            using ReceivedOfPool received = sockets.Receive(endpoints, keep);
            foreach (ListenEndpoint endpoint in endpoints)
            {
                EndpointSockets opened = EndpointSockets.Open(endpoint, slots, steering, received.Give(endpoint));
                sockets._endpoints.Add(opened);
                opened.IsKept = sockets._kept is not null && KeptSockets.CanKeep(opened);
                if (!opened.IsOrderKnown)
                {
                    sockets.KeepNoMore(opened);
                }

                sockets._addresses.Add(endpoint.Name, opened.BoundEndPoint);
                sockets.SayThatItListens(opened);
            }

            sockets.GrowTo(sockets._endpoints.Where(endpoint => !endpoint.IsShared).Select(endpoint => endpoint.SlotCount).Append(slots).Max());
            _ = sockets.SteerTo(slots);
            sockets.ListQueues();
            return sockets;
        }
        catch
        {
            sockets.Dispose();
            throw;
        }
    }

    /// <summary>Where an endpoint listens. Thread-safe: it never changes.</summary>
    public EndPoint BoundEndPoint(string name) => _addresses.TryGetValue(name, out EndPoint? address)
        ? address
        : throw new ArgumentException($"The pool has no endpoint \"{name}\"; it has: {string.Join(", ", _addresses.Keys)}.", nameof(name));

    /// <summary>What a worker of the slot inherits, in the order of the endpoints.</summary>
    public IReadOnlyList<Descriptor> OfSlot(int slot) => [.. _endpoints.Select(endpoint => endpoint.Get(slot))];

    /// <summary>Checks and repairs the sockets of a slot; says in words what was repaired, or could not be.</summary>
    public IEnumerable<string> Heal(int slot)
    {
        foreach (EndpointSockets endpoint in _endpoints)
        {
            SocketHealthReport report = endpoint.Heal(slot);
            foreach (string healed in report.Healed)
            {
                yield return healed;
            }

            if (report.Failure is string failure)
            {
                yield return failure;
            }

            if (report.Relistened || report.Failure is not null)
            {
                KeepNoMore(endpoint);
            }
        }
    }

    /// <summary>
    /// Sends new connections to the slots in proportion to their weights, until the next call; slots that are added have
    /// the weight 0. If all slots have one weight, the kernel's own hash decides.
    /// </summary>
    /// <param name="weightsBySlot">Finite, 0 or more, not all 0; slots that are missing have the weight 0.</param>
    /// <returns>The reason if the kernel refuses, each only once: the hash decides then. Null otherwise, and if steering is off.</returns>
    /// <exception cref="ArgumentException">The weights make no sense; nothing has changed.</exception>
    public string? Steer(IReadOnlyList<double> weightsBySlot)
    {
        SteeringWeights.Validate(weightsBySlot, SlotCount);
        _endpoints.ForEach(endpoint => endpoint.Steer(weightsBySlot));
        return _steering ? _endpoints.Select(endpoint => endpoint.SteeringRefusal).OfType<string>().FirstOrDefault(_toldRefusals.Add) : null;
    }

    /// <summary>Sends new connections evenly to the first slots only.</summary>
    public string? SteerTo(int slots) => Steer([.. Enumerable.Repeat(1.0, slots)]);

    /// <summary>Whether the pool should <see cref="Leave"/> before it stops.</summary>
    public bool OutlivesInPart => _endpoints.Any(endpoint => endpoint.OutlivesInPart);

    /// <inheritdoc cref="EndpointSockets.Leave"/>
    public void Leave() => _endpoints.ForEach(endpoint => endpoint.Leave());

    /// <summary>Opens sockets for slots up to the count: all of them, or none. New connections go on to go to the old ones only.</summary>
    /// <exception cref="SystemCallException">The message says which one and what to do about it.</exception>
    public void GrowTo(int slots)
    {
        int before = SlotCount;
        try
        {
            foreach (EndpointSockets endpoint in _endpoints.Where(endpoint => endpoint.SlotCount < slots))
            {
                endpoint.GrowTo(slots);
            }

            SlotCount = Math.Max(SlotCount, slots);
            ListQueues();
            Keep();
        }
        catch
        {
            ShrinkTo(before);
            throw;
        }
    }

    /// <summary>Closes the sockets of the slots from the count on, but for those that cannot be closed.</summary>
    public void ShrinkTo(int slots)
    {
        foreach (EndpointSockets endpoint in _endpoints.Where(endpoint => endpoint.SlotCount > slots))
        {
            endpoint.ShrinkTo(Math.Max(slots, endpoint.LeastSlotCount));
        }

        SlotCount = _endpoints.Select(endpoint => endpoint.SlotCount).Append(slots).Max();
        ListQueues();
        Keep();
    }

    /// <summary>How many connections wait at the slot to be accepted. Unix sockets do not count: all slots share them.</summary>
    public int QueueLength(int slot) =>
        _endpoints.Where(endpoint => !endpoint.IsShared).Sum(endpoint => SocketHealth.QueueLength(endpoint.Get(slot)) ?? 0);

    /// <summary>
    /// Completes when the handshakes that had begun when it was called are complete or given up, so that after the slot
    /// was steered away from its queues hold all that they will get. Call it in the master's loop; the wait is
    /// elsewhere, and the sockets may be closed meanwhile.
    /// </summary>
    /// <param name="slot">The slot. The kernel does not tell which handshakes are its, so those of all slots are waited for.</param>
    /// <param name="limit">How long to wait at most; 0: only count.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>How many were still in flight at the limit; 0 also where the kernel does not tell, after a fixed wait.</returns>
    public Task<int> WhenHandshakesSettledAsync(int slot, TimeSpan limit, TimeProvider time, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(slot);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(slot, SlotCount);
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, TimeSpan.Zero);
        (IPEndPoint, bool)[] listeners =
            [.. _endpoints.Where(endpoint => !endpoint.IsShared).Select(endpoint => ((IPEndPoint)endpoint.BoundEndPoint, endpoint.Endpoint.DualStack))];
        return listeners.Length == 0
            ? Task.FromResult(0)
            : HandshakesInFlight.WhenSettledAsync(listeners, limit, time, WarnOnce, cancellationToken);
    }

    public void Dispose()
    {
        if (_hasStore)
        {
            _passed.ReturnStore(CopiesOfKept());
            _hasStore = false;
        }

        _kept?.Dispose();
        _kept = null;
        _endpoints.ForEach(endpoint => endpoint.Dispose());
    }

    /// <summary>Takes what the service manager passed and what it kept, and says what nobody can use.</summary>
    private ReceivedOfPool Receive(IReadOnlyList<ListenEndpoint> endpoints, bool keep)
    {
        foreach (string unused in ReceivedOfPool.Unused(endpoints, _passed))
        {
            Warn(unused);
        }

        if (!keep && !_passed.HasStored)
        {
            return ReceivedOfPool.Take(endpoints, _passed, stored: null);
        }

        _kept = KeptSockets.OfThisProcess(Warn);
        using StoredSockets stored = new(_passed.BorrowStore(), _passed.ManagersOwn, _kept, Warn);
        _hasStore = true;
        if (!keep)
        {
            stored.CloseOthers("Systemd.KeepSockets is off now.");
            _kept?.Dispose();
            _kept = null;
        }

        ReceivedOfPool received = ReceivedOfPool.Take(endpoints, _passed, stored);
        stored.CloseOthers("The pool has no such endpoint now.");
        return received;
    }

    private void KeepNoMore(EndpointSockets endpoint)
    {
        if (endpoint.IsKept)
        {
            _kept?.GiveUp(endpoint);
            endpoint.IsKept = false;
        }
    }

    private void Keep()
    {
        if (_kept is KeptSockets kept)
        {
            _endpoints.ForEach(kept.Update);
        }
    }

    /// <summary>What the service manager keeps goes on to listen when this process has closed its own descriptors.</summary>
    private List<PassedSocket> CopiesOfKept()
    {
        List<PassedSocket> copies = [];
        foreach (EndpointSockets endpoint in _endpoints.Where(endpoint => endpoint.IsKept))
        {
            for (int slot = 0; slot < endpoint.SlotCount; slot++)
            {
                TryCopy(endpoint.Get(slot), StoredName.Of(endpoint.Endpoint.Name, slot));
            }
        }

        return copies;

        void TryCopy(ListeningSocket socket, string name)
        {
            try
            {
                copies.Add(PassedSocket.CopyOf(socket, name));
            }
            catch (SystemCallException e)
            {
                Warn($"The socket \"{name}\" goes on to listen with the service manager, and another pool of this process cannot have it: {e.Message}");
            }
        }
    }

    private void Warn(string message) => MasterLog.Warning(_logger, message);

    private void SayThatItListens(EndpointSockets opened)
    {
        ListenEndpoint endpoint = opened.Endpoint;
        MasterLog.Listening(_logger, endpoint.Name, opened.BoundEndPoint.ToString()!, opened.SlotCount);
        foreach (string warning in opened.Warnings)
        {
            MasterLog.Warning(_logger, warning);
        }

        if (opened is { IsActivated: true, IsShared: true, BoundEndPoint: IPEndPoint })
        {
            MasterLog.Warning(_logger, $"Endpoint {endpoint}: the socket was passed without SO_REUSEPORT, so all slots accept from it, and new connections are not steered. ReusePort=yes in the .socket unit gives each slot its own.");
        }
    }

    private void ListQueues() => Volatile.Write(
        ref _queues,
        [
            .. from slot in Enumerable.Range(0, SlotCount)
               from endpoint in _endpoints
               where !endpoint.IsShared
               select new SlotQueue(slot, endpoint.Endpoint.Name, endpoint.Get(slot)),
            .. _endpoints.Where(endpoint => endpoint.IsShared).Select(endpoint => new SlotQueue(null, endpoint.Endpoint.Name, endpoint.Get(0))),
        ]);

    private void WarnOnce(string warning)
    {
        if (Interlocked.Exchange(ref _handshakeWarnings, 1) == 0)
        {
            MasterLog.Warning(_logger, warning);
        }
    }
}
