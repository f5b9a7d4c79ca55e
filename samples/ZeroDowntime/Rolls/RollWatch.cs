using System.Diagnostics;
using WorkerPool;

namespace ZeroDowntime.Rolls;

/// <summary>Follows one rollout through the events of the pool, so that nothing short-lived is missed.</summary>
internal sealed class RollWatch
{
    private static readonly TimeSpan EventDeadline = TimeSpan.FromSeconds(10);

    private readonly string _label;
    private readonly HashSet<(int? Slot, int? Generation)> _ready;
    private long? _startedAt;
    private long? _failedAt;
    private long? _endedAt;
    private int _leastReady;

    private RollWatch(string label, PoolStatus status)
    {
        _label = label;
        _ready = [.. status.Slots.SelectMany(slot => slot.Workers
            .Where(worker => worker.State == WorkerState.Ready)
            .Select(worker => ((int?)slot.Slot, (int?)worker.Generation)))];
        _leastReady = Count();
    }

    public static async Task<RollResult> RunAsync(Master master, RolloutPlan plan, VerdictReason expected)
    {
        using CancellationTokenSource refused = new();
        IAsyncEnumerable<PoolEvent> events = master.ReadEventsAsync(refused.Token);
        RollWatch watch = new(plan.Release.Label, master.Status);
        Task watching = watch.WatchAsync(events);
        Verdict verdict = await master.RollAsync(plan, CancellationToken.None);
        if (verdict.Outcome == Outcome.Refused)
        {
            await refused.CancelAsync(); // no event tells its end
        }

        await watching.WaitAsync(EventDeadline);
        bool runsOld = master.Status.Slots.All(slot =>
            slot.Label != plan.Release.Label && slot.Workers.Any(worker => worker.State == WorkerState.Ready && worker.Label == slot.Label));
        return new RollResult(
            plan, expected, verdict, watch._leastReady, Between(watch._startedAt, watch._failedAt),
            Between(watch._failedAt, watch._endedAt), runsOld);
    }

    private async Task WatchAsync(IAsyncEnumerable<PoolEvent> events)
    {
        try
        {
            await foreach (PoolEvent happened in events)
            {
                Apply(happened);
                if (_endedAt is not null)
                {
                    return;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // It was refused.
        }
    }

    private void Apply(PoolEvent happened)
    {
        if (IsFailure(happened))
        {
            _failedAt ??= Stopwatch.GetTimestamp();
        }

        switch (happened.Kind)
        {
            case PoolEventKind.WorkerReady:
                _ready.Add((happened.Slot, happened.Generation));
                break;
            case PoolEventKind.WorkerDraining or PoolEventKind.WorkerStopping or PoolEventKind.WorkerExited:
                _ready.Remove((happened.Slot, happened.Generation));
                _leastReady = Math.Min(_leastReady, Count());
                break;
            case PoolEventKind.WorkerSpawned when happened.Label == _label:
                _startedAt ??= Stopwatch.GetTimestamp();
                break;
            case PoolEventKind.RolloutEnded:
                _endedAt = Stopwatch.GetTimestamp();
                break;
        }
    }

    // What the master did or saw first; that the slot has failed follows from it, a moment later.
    private bool IsFailure(PoolEvent happened) => happened.Label == _label && happened.Kind is
        PoolEventKind.WorkerExited or PoolEventKind.WorkerSignalled or PoolEventKind.WorkerStopping
        or PoolEventKind.ProtocolViolation or PoolEventKind.SpawnFailed or PoolEventKind.RolloutSlotFailed;

    private int Count() => _ready.DistinctBy(worker => worker.Slot).Count();

    private static TimeSpan? Between(long? begin, long? end) =>
        begin is long first && end is long last ? Stopwatch.GetElapsedTime(first, last) : null;
}
