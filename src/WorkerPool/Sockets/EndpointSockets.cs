using System.Net;
using System.Net.Sockets;
using WorkerPool.Sockets.Activation;

namespace WorkerPool.Sockets;

/// <summary>
/// The listening sockets of one endpoint: one for each slot with TCP, one for all slots with Unix (which has no
/// SO_REUSEPORT), or with TCP sockets that were received without it. Grows and shrinks at the end only, so that slot and kernel index agree. Owned by the master's loop;
/// not thread-safe.
/// </summary>
internal sealed class EndpointSockets : IDisposable
{
    private readonly List<ListeningSocket> _sockets = [];
    private readonly List<string> _warnings = [];
    private readonly GroupSteering _steering;
    private readonly ReceivedSockets? _received;
    private UnixSocketFile? _file;
    private bool _leaves;

    private EndpointSockets(ListenEndpoint endpoint, bool steering, ReceivedSockets? received)
    {
        Endpoint = endpoint;
        IsShared = received?.IsShared ?? endpoint.EndPoint is UnixDomainSocketEndPoint;
        _received = received;
        _steering = new GroupSteering(Get, steering);
    }

    public ListenEndpoint Endpoint { get; }

    /// <summary>Whether all slots accept from one socket.</summary>
    public bool IsShared { get; }

    public int SlotCount { get; private set; }

    /// <summary>
    /// How many slots have sockets that somebody else holds open too: closed here they would stay in the group, where nobody
    /// accepts from them. <see cref="ShrinkTo"/> goes no further.
    /// </summary>
    public int LeastSlotCount => IsShared ? 1 : Math.Max(1, _received?.ActivatedCount ?? 0);

    /// <summary>
    /// Whether the service manager keeps copies of all sockets, so that one that is to go has to be shut down: closed here it
    /// would stay in the group.
    /// </summary>
    public bool IsKept { get; set; }

    /// <summary>Whether the sockets that were received are in the order of the slots.</summary>
    public bool IsOrderKnown => _received?.IsOrderKnown ?? true;

    /// <summary>Whether some sockets of the group outlive this master, and some do not.</summary>
    public bool OutlivesInPart => IsActivated && !IsShared && !IsKept && SlotCount > LeastSlotCount;

    /// <summary>Whether the service manager has opened the first socket.</summary>
    public bool IsActivated => _received?.ActivatedCount > 0;

    /// <summary>The address with the port that the kernel chose.</summary>
    public EndPoint BoundEndPoint => _sockets[0].Address;

    /// <summary>What an operator should know, though the endpoint works.</summary>
    public IReadOnlyList<string> Warnings => _warnings;

    /// <summary>Why the table of <see cref="Steer"/> has no effect; null if it has.</summary>
    public string? SteeringRefusal => _steering.Refusal;

    /// <summary>Opens the sockets of slots 0 to <paramref name="slotCount"/> − 1: all of them, or none.</summary>
    /// <param name="endpoint">The address.</param>
    /// <param name="slotCount">At least 1.</param>
    /// <param name="steering">False: the kernel's hash always chooses among all.</param>
    /// <param name="received">Sockets that are there already, taken over: those of the first slots. Null: none.</param>
    /// <exception cref="SystemCallException">The message says what to do about it.</exception>
    public static EndpointSockets Open(ListenEndpoint endpoint, int slotCount, bool steering = true, ReceivedSockets? received = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(slotCount, 1);
        EndpointSockets sockets = new(received?.Endpoint ?? endpoint, steering, received);
        try
        {
            sockets.AddReceived();
            sockets.GrowTo(Math.Max(slotCount, sockets.SlotCount));
            sockets.AddWarnings();
            return sockets;
        }
        catch
        {
            sockets.Dispose();
            throw;
        }
    }

    /// <summary>For those who look at the pool.</summary>
    public EndpointStatus Describe() =>
        new() { Name = Endpoint.Name, Address = AddressText.Format(BoundEndPoint), IsShared = IsShared, IsActivated = IsActivated };

    /// <summary>The socket of a slot.</summary>
    public ListeningSocket Get(int slot)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(slot);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(slot, SlotCount);
        return _sockets[IsShared ? 0 : slot];
    }

    /// <summary>Adds slots at the end: all of them, or none. They get no connections if there is a table, see <see cref="Steer"/>.</summary>
    /// <exception cref="SystemCallException">The message says what to do about it.</exception>
    public void GrowTo(int slotCount)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(slotCount, SlotCount);
        int before = SlotCount;
        _steering.OnGrowing();
        try
        {
            while (SlotCount < slotCount)
            {
                AddSlot();
            }
        }
        catch
        {
            RemoveDownTo(before);
            _steering.Update();
            throw;
        }
    }

    /// <summary>Closes the sockets of the slots from <paramref name="slotCount"/> on, the last first; <see cref="LeastSlotCount"/> stay.</summary>
    /// <remarks>What their queues hold is reset, unless a worker or somebody else still has the socket: accept it first.</remarks>
    public void ShrinkTo(int slotCount)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(slotCount, LeastSlotCount);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(slotCount, SlotCount);
        RemoveDownTo(slotCount);
    }

    /// <summary>Closes the socket of the last slot.</summary>
    public void CloseLast() => ShrinkTo(SlotCount - 1);

    /// <summary>
    /// Sends new connections to the slots in proportion to their weights. Lasts until the next call, also when the group
    /// changes; slots that are added have the weight 0. A shared socket has nothing to steer. Before the first call the
    /// kernel's hash chooses among all.
    /// </summary>
    /// <param name="weightsBySlot">Finite, 0 or more, not all 0; slots that are missing have the weight 0.</param>
    /// <returns>False if it has no effect, see <see cref="SteeringRefusal"/>: then the kernel's hash chooses among all.</returns>
    /// <exception cref="ArgumentException">The weights make no sense; nothing has changed.</exception>
    public bool Steer(IReadOnlyList<double> weightsBySlot)
    {
        SteeringWeights.Validate(weightsBySlot, SlotCount);
        return IsShared || _steering.Steer(_leaves ? [.. Enumerable.Repeat(1.0, LeastSlotCount)] : weightsBySlot);
    }

    /// <summary>
    /// From now on new connections go to sockets that outlive this master only: they wait there for the next one, while what
    /// the other queues hold can be served, and those be closed.
    /// </summary>
    public void Leave()
    {
        _leaves = OutlivesInPart;
        if (_leaves)
        {
            Steer([1]);
        }
    }

    /// <summary>Checks the socket of a slot, after its worker ended, and repairs it; if it was dead, all the others too.</summary>
    public SocketHealthReport Heal(int slot)
    {
        SocketHealthReport report = SocketHealth.Heal(Get(slot));
        if (IsShared)
        {
            return report;
        }

        if (!report.Relistened && report.Failure is null)
        {
            _steering.OnWorkerEnded();
            return report;
        }

        // The order of the group depends on every socket that left it.
        List<(int Slot, SocketHealthReport Report)> all = [(slot, report)];
        all.AddRange(Enumerable.Range(0, SlotCount).Where(other => other != slot).Select(other => (other, SocketHealth.Heal(Get(other)))));
        _steering.OnHealed(all);
        return new SocketHealthReport(
            [.. all.SelectMany(one => one.Report.Healed)],
            string.Join(' ', all.Select(one => one.Report.Failure).OfType<string>()) is { Length: > 0 } failures ? failures : null,
            all.Any(one => one.Report.Relistened));
    }

    /// <summary>Closes all sockets, and removes the socket file if it is still this one's.</summary>
    public void Dispose()
    {
        // The file first: nobody shall find it and be refused.
        _file?.Remove();
        _file = null;
        _sockets.ForEach(socket => socket.Dispose());
        _sockets.Clear();
        SlotCount = 0;
        _received?.Dispose();
    }

    private void AddReceived()
    {
        foreach (ListeningSocket socket in _received?.Sockets ?? [])
        {
            _sockets.Add(socket);
            SlotCount++;
            if (!IsShared)
            {
                _steering.OnAdded(SlotCount - 1);
            }
        }

        if (!IsOrderKnown)
        {
            _steering.OnOrderLost();
        }
    }

    private void AddSlot()
    {
        if (!IsShared)
        {
            _sockets.Add(SlotCount == 0 ? TcpListeners.OpenFirst(Endpoint, _steering.IsEnabled) : TcpListeners.OpenNext(Endpoint, BoundEndPoint, _received?.Sockets[0]));
            SlotCount++;
            _steering.OnAdded(SlotCount - 1);
            return;
        }

        if (SlotCount == 0)
        {
            _sockets.Add(UnixListener.Open(Endpoint, out _file));
        }

        SlotCount++;
    }

    private void RemoveDownTo(int slotCount)
    {
        while (SlotCount > slotCount)
        {
            int slot = SlotCount - 1;
            if (!IsShared || slot == 0)
            {
                _steering.OnRemoving(slot);
                _sockets[slot].Hide();
                if (IsKept)
                {
                    _sockets[slot].EndForAll();
                }

                _sockets[slot].Dispose();
                _sockets.RemoveAt(slot);
            }

            SlotCount = slot;
            _steering.Update();
        }
    }

    private void AddWarnings()
    {
        if (AcceptQueue.IsCut(Endpoint, out string? warning))
        {
            _warnings.Add(warning);
        }
    }
}
