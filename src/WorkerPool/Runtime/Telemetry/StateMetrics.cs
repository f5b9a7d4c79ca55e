using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using WorkerPool.Sockets;
using WorkerPool.Supervision;
using static WorkerPool.Runtime.Telemetry.Tags;

namespace WorkerPool.Runtime.Telemetry;

/// <summary>
/// Instruments that show what is: read when somebody collects, on the collector's thread, from the master's last picture
/// and from the kernel.
/// </summary>
/// <remarks>
/// Collectors keep the last value of a series that is not reported any more. So states, slots and the releases of late are
/// reported with 0 when nothing is there.
/// </remarks>
internal sealed class StateMetrics : IDisposable
{
    private const int ReleasesOfLate = 8;

    private static readonly SlotState[] SlotStates = Enum.GetValues<SlotState>();
    private static readonly WorkerState[] WorkerStates = Enum.GetValues<WorkerState>();
    private static readonly RolloutState[] ActiveRollouts = [RolloutState.Rolling, RolloutState.Paused, RolloutState.Stopping, RolloutState.RollingBack];

    private readonly KeyValuePair<string, object?> _pool;
    private Func<IEnumerable<SlotQueue>> _queues;
    private Func<PoolStatus>? _status; // null: the pool is no more
    private ImmutableList<string> _releases = []; // the latest last; the loop's to change
    private int _slots; // as many as there ever were

    public StateMetrics(Meter meter, KeyValuePair<string, object?> pool, Func<PoolStatus> status, Func<IEnumerable<SlotQueue>> queues)
    {
        _pool = pool;
        _status = status;
        _queues = queues;
        Create(meter);
    }

    /// <summary>Remembers what there was.</summary>
    public void Record(SupervisionAction action)
    {
        if (action is SpawnWorker { Worker.Slot: int slot, Release.Label: string label })
        {
            Volatile.Write(ref _slots, Math.Max(_slots, slot + 1));
            if (_releases.Count == 0 || _releases[^1] != label)
            {
                ImmutableList<string> releases = _releases.Remove(label).Add(label);
                Volatile.Write(ref _releases, releases.Count > ReleasesOfLate ? releases.RemoveAt(0) : releases);
            }
        }
    }

    /// <summary>A meter of a factory lives on; its instruments show nothing of this pool any more, and do not keep it.</summary>
    public void Dispose()
    {
        Volatile.Write(ref _status, null);
        Volatile.Write(ref _queues, static () => []);
    }

    private void Create(Meter meter)
    {
        meter.CreateObservableUpDownCounter("workerpool.worker.count", Of(Workers), "{worker}", "Worker processes.");
        meter.CreateObservableUpDownCounter("workerpool.slot.count", Of(Slots), "{slot}", "Slots.");
        meter.CreateObservableUpDownCounter("workerpool.breaker.open", Of(OpenBreakers), "{slot}", "Slots whose workers died too often in a row.");
        meter.CreateObservableUpDownCounter("workerpool.rollout.active", Of(ActiveRolloutsIn), "{rollout}", "Rollouts that are under way.");
        meter.CreateObservableUpDownCounter("workerpool.connection.count", Of(Connections), "{connection}", "Live connections, as the workers last reported.");
        meter.CreateObservableCounter("workerpool.connection.accepted", Of(Accepted), "{connection}", "Connections that workers have accepted, those included that have ended.");
        meter.CreateObservableUpDownCounter("workerpool.accept_queue.length", Of(_ => Queues(queue => queue.Length)), "{connection}", "Connections that wait to be accepted.");
        meter.CreateObservableUpDownCounter("workerpool.accept_queue.limit", Of(_ => Queues(queue => queue.Limit)), "{connection}", "Connections that may wait to be accepted.");
    }

    private Func<IEnumerable<Measurement<long>>> Of(Func<PoolStatus, IEnumerable<Measurement<long>>> read) =>
        () => Volatile.Read(ref _status) is Func<PoolStatus> status ? read(status()) : [];

    private IEnumerable<Measurement<long>> Workers(PoolStatus status)
    {
        WorkerStatus[] workers = [.. status.Slots.SelectMany(slot => slot.Workers)];
        return from release in Volatile.Read(ref _releases).Union(workers.Select(worker => worker.Label))
               from state in WorkerStates
               select Value(workers.Count(worker => worker.Label == release && worker.State == state), Tag(Tags.WorkerState, Words.Of(state)), Tag(Tags.Release, release));
    }

    private IEnumerable<Measurement<long>> Slots(PoolStatus status) =>
        SlotStates.Select(state => Value(status.Slots.Count(slot => slot.State == state), Tag(Tags.SlotState, Words.Of(state))));

    private IEnumerable<Measurement<long>> OpenBreakers(PoolStatus status) => [Value(status.Slots.Count(slot => slot.IsBreakerOpen))];

    private IEnumerable<Measurement<long>> ActiveRolloutsIn(PoolStatus status) =>
        ActiveRollouts.Select(state => Value(status.Rollout?.State == state ? 1 : 0, Tag(Tags.RolloutState, Words.Of(state))));

    private IEnumerable<Measurement<long>> Connections(PoolStatus status) =>
        EverySlot(status).Select(slot => Value(slot < status.Slots.Count ? status.Slots[slot].Workers.Sum(worker => (long)worker.Connections) : 0, Tag(Tags.Slot, slot)));

    private IEnumerable<Measurement<long>> Accepted(PoolStatus status) =>
        EverySlot(status).Select(slot => Value(
            slot < status.Slots.Count ? status.Slots[slot].AcceptedTotal : status.AcceptedInGoneSlots.GetValueOrDefault(slot), Tag(Tags.Slot, slot)));

    private IEnumerable<Measurement<long>> Queues(Func<QueueMeasurement, int?> what)
    {
        QueueMeasurement[] queues = [.. Volatile.Read(ref _queues)().Select(queue => queue.Measure())];
        int slots = 1 + queues.Max(queue => queue.Slot) ?? 0;
        string[] endpoints = [.. queues.Where(queue => queue.Slot == 0).Select(queue => queue.Endpoint)];
        foreach (QueueMeasurement queue in queues)
        {
            if (what(queue) is int value)
            {
                yield return queue.Slot is int slot ? Value(value, Tag(Tags.Slot, slot), Tag(Tags.Endpoint, queue.Endpoint)) : Value(value, Tag(Tags.Endpoint, queue.Endpoint));
            }
        }

        foreach ((int slot, string endpoint) in Enumerable.Range(slots, Math.Max(0, Volatile.Read(ref _slots) - slots)).SelectMany(_ => endpoints, (slot, endpoint) => (slot, endpoint)))
        {
            yield return Value(0, Tag(Tags.Slot, slot), Tag(Tags.Endpoint, endpoint));
        }
    }

    private IEnumerable<int> EverySlot(PoolStatus status) => Enumerable.Range(0, Math.Max(Volatile.Read(ref _slots), status.Slots.Count));

    private Measurement<long> Value(long value, params ReadOnlySpan<KeyValuePair<string, object?>> tags) => new(value, [_pool, .. tags]);
}
