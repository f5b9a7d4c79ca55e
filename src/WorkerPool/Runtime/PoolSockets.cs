using System.Net;
using Microsoft.Extensions.Logging;
using WorkerPool.Interop;
using WorkerPool.Sockets;

namespace WorkerPool.Runtime;

/// <summary>All listening sockets of a pool: one row for each endpoint, one column for each slot. Owned by the master's loop.</summary>
internal sealed class PoolSockets : IDisposable
{
    private readonly List<EndpointSockets> _endpoints = [];
    private readonly Dictionary<string, EndPoint> _addresses = [];
    private int _steeredTo;

    private PoolSockets()
    {
    }

    public IReadOnlyList<EndpointSockets> Endpoints => _endpoints;

    /// <summary>How many slots have sockets; more than the pool has slots while some are retired.</summary>
    public int SlotCount { get; private set; }

    /// <summary>Opens the sockets of all endpoints and slots: all of them, or none.</summary>
    /// <exception cref="SystemCallException">The message says which one and what to do about it.</exception>
    public static PoolSockets Open(IReadOnlyList<ListenEndpoint> endpoints, int slots, ILogger logger)
    {
        PoolSockets sockets = new() { SlotCount = slots, _steeredTo = slots };
        try
        {
            foreach (ListenEndpoint endpoint in endpoints)
            {
                EndpointSockets opened = EndpointSockets.Open(endpoint, slots);
                sockets._endpoints.Add(opened);
                sockets._addresses.Add(endpoint.Name, opened.BoundEndPoint);
                MasterLog.Listening(logger, endpoint.Name, opened.BoundEndPoint.ToString()!, slots);
                foreach (string warning in opened.Warnings)
                {
                    MasterLog.Warning(logger, warning);
                }
            }

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
        }
    }

    /// <summary>
    /// Lets new connections go to the first slots only; with all of them the kernel's own hash decides again.
    /// Gives the reason if the kernel refuses.
    /// </summary>
    public string? SteerTo(int slots)
    {
        _steeredTo = slots;
        return Steer(slots == SlotCount ? Array.Empty<int>() : Enumerable.Range(0, slots).ToArray());
    }

    /// <summary>Opens sockets for slots up to the count: all of them, or none. New connections go on to go to the old ones only.</summary>
    /// <exception cref="SystemCallException">The message says which one and what to do about it.</exception>
    public void GrowTo(int slots)
    {
        int before = SlotCount;
        _ = Steer(Enumerable.Range(0, _steeredTo).ToArray()); // the kernel's hash would choose the new ones at once
        try
        {
            foreach (EndpointSockets endpoint in _endpoints.Where(endpoint => endpoint.SlotCount < slots))
            {
                endpoint.GrowTo(slots);
            }

            SlotCount = Math.Max(SlotCount, slots);
        }
        catch
        {
            ShrinkTo(before);
            throw;
        }
    }

    /// <summary>Closes the sockets of the slots from the count on.</summary>
    public void ShrinkTo(int slots)
    {
        foreach (EndpointSockets endpoint in _endpoints.Where(endpoint => endpoint.SlotCount > slots))
        {
            endpoint.ShrinkTo(slots);
        }

        SlotCount = slots;
    }

    public string? Steer(IReadOnlyList<double> weights) => Steer(Enumerable.Range(0, weights.Count).Where(i => weights[i] > 0).ToArray());

    public static Task<int> WhenHandshakesSettledAsync(int slot, TimeSpan limit, TimeProvider time, CancellationToken cancellationToken) => Task.FromResult(0);

    public void Dispose() => _endpoints.ForEach(endpoint => endpoint.Dispose());

    private string? Steer(int[] wanted) =>
        _endpoints.Where(endpoint => !endpoint.Steer(wanted)).Select(endpoint => endpoint.SteeringRefusal).FirstOrDefault();
}
