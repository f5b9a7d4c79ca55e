using System.Net;
using System.Net.Sockets;

namespace WorkerPool.Sockets;

/// <summary>
/// The listening sockets of one endpoint: one for each slot with TCP, one for all slots with Unix (which has no
/// SO_REUSEPORT). Grows and shrinks at the end only, so that slot and kernel index agree. Owned by the master's loop;
/// not thread-safe.
/// </summary>
internal sealed class EndpointSockets : IDisposable
{
    private readonly List<ListeningSocket> _sockets = [];
    private readonly List<string> _warnings = [];
    private readonly GroupSteering _steering;
    private UnixSocketFile? _file;

    private EndpointSockets(ListenEndpoint endpoint, bool steering)
    {
        Endpoint = endpoint;
        IsShared = endpoint.EndPoint is UnixDomainSocketEndPoint;
        _steering = new GroupSteering(Get, steering);
    }

    public ListenEndpoint Endpoint { get; }

    /// <summary>Whether all slots accept from one socket.</summary>
    public bool IsShared { get; }

    public int SlotCount { get; private set; }

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
    /// <exception cref="SystemCallException">The message says what to do about it.</exception>
    public static EndpointSockets Open(ListenEndpoint endpoint, int slotCount, bool steering = true)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(slotCount, 1);
        EndpointSockets sockets = new(endpoint, steering);
        try
        {
            sockets.GrowTo(slotCount);
            sockets.AddWarnings();
            return sockets;
        }
        catch
        {
            sockets.Dispose();
            throw;
        }
    }

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

    /// <summary>Closes the sockets of the slots from <paramref name="slotCount"/> on, the last first; at least one stays.</summary>
    /// <remarks>What their queues hold is reset, unless a worker or somebody else still has the socket: accept it first.</remarks>
    public void ShrinkTo(int slotCount)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(slotCount, 1);
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
        return IsShared || _steering.Steer(weightsBySlot);
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
    }

    private void AddSlot()
    {
        if (!IsShared)
        {
            _sockets.Add(SlotCount == 0 ? TcpListeners.OpenFirst(Endpoint, _steering.IsEnabled) : TcpListeners.OpenNext(Endpoint, BoundEndPoint));
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
