using System.Diagnostics;
using System.Diagnostics.Metrics;
using WorkerPool.Supervision;
using static WorkerPool.Runtime.Telemetry.Tags;

namespace WorkerPool.Runtime.Telemetry;

/// <summary>Instruments that count what happens, and how long it takes.</summary>
internal sealed class EventMetrics
{
    private static readonly InstrumentAdvice<double> Starts =
        new() { HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60] };

    private static readonly InstrumentAdvice<double> Replacements =
        new() { HistogramBucketBoundaries = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600] };

    private static readonly InstrumentAdvice<double> Rollouts =
        new() { HistogramBucketBoundaries = [0.1, 0.5, 1, 5, 10, 30, 60, 120, 300, 600, 1200, 3600, 7200] };

    private readonly KeyValuePair<string, object?> _pool;
    private readonly Counter<long> _spawns;
    private readonly Counter<long> _respawns;
    private readonly Counter<long> _spawnFailures;
    private readonly Counter<long> _exits;
    private readonly Counter<long> _cut;
    private readonly Counter<long> _breakers;
    private readonly Counter<long> _repairs;
    private readonly Counter<long> _steerings;
    private readonly Histogram<double> _starts;
    private readonly Histogram<double> _replacements;
    private readonly Histogram<double> _rollouts;

    public EventMetrics(Meter meter, KeyValuePair<string, object?> pool)
    {
        _pool = pool;
        _spawns = meter.CreateCounter<long>("workerpool.worker.spawns", "{spawn}", "Worker processes that were started.");
        _respawns = meter.CreateCounter<long>("workerpool.worker.respawns", "{respawn}", "Of these, those that took the place of a worker that had ended unasked.");
        _spawnFailures = meter.CreateCounter<long>("workerpool.worker.spawn_failures", "{failure}", "Worker processes that could not be started.");
        _exits = meter.CreateCounter<long>("workerpool.worker.exits", "{exit}", "Worker processes that have ended.");
        _cut = meter.CreateCounter<long>("workerpool.connection.cut", "{connection}", "Connections that ended because their worker did.");
        _breakers = meter.CreateCounter<long>("workerpool.breaker.openings", "{opening}", "How often a slot's workers had died too often in a row.");
        _repairs = meter.CreateCounter<long>("workerpool.listener.repairs", "{repair}", "Listening sockets that a worker had damaged.");
        _steerings = meter.CreateCounter<long>("workerpool.steering.updates", "{update}", "Changes of where new connections go.");
        _starts = meter.CreateHistogram("workerpool.worker.start.duration", "s", "From the start of a worker process until it was ready and healthy.", tags: null, Starts);
        _replacements = meter.CreateHistogram("workerpool.replacement.duration", "s", "From the beginning of a replacement until the old worker had ended, or it had failed.", tags: null, Replacements);
        _rollouts = meter.CreateHistogram("workerpool.rollout.duration", "s", "From the beginning of a rollout to its verdict.", tags: null, Rollouts);
    }

    public void Record(SupervisionAction action)
    {
        switch (action)
        {
            case Announce announce:
                Record(announce);
                break;
            case SteerTo:
                _steerings.Add(1, _pool);
                break;
            case RecordCommand { Command.Kind: SlotCommandKind.Replace } done when _replacements.Enabled:
                TagList tags = [_pool, Tag(Tags.Outcome, Words.Of(done.Verdict.Outcome)), Tag(Tags.Order, Words.Of(done.Command.Order)), Tag(Tags.Origin, Words.Of(done.Command.Origin.Kind))];
                AddReason(ref tags, done.Verdict.Reason);
                _replacements.Record(done.Verdict.Duration.TotalSeconds, tags);
                break;
        }
    }

    private void Record(Announce announce)
    {
        switch (announce.Kind)
        {
            case PoolEventKind.WorkerSpawned:
                _spawns.Add(1, _pool, SlotOf(announce));
                if (announce.IsRespawn)
                {
                    _respawns.Add(1, _pool, SlotOf(announce));
                }

                break;
            case PoolEventKind.SpawnFailed:
                _spawnFailures.Add(1, _pool, SlotOf(announce));
                break;
            case PoolEventKind.WorkerReady:
                _starts.Record(announce.Duration.TotalSeconds, _pool);
                break;
            case PoolEventKind.WorkerExited:
                RecordExit(announce);
                break;
            case PoolEventKind.BreakerOpened:
                _breakers.Add(1, _pool, SlotOf(announce));
                break;
            case PoolEventKind.SocketHealed:
                _repairs.Add(1, _pool, SlotOf(announce));
                break;
            case PoolEventKind.RolloutEnded when _rollouts.Enabled:
                TagList tags = [_pool, Tag(Tags.Outcome, Words.Of(announce.Verdict!.Outcome))];
                AddReason(ref tags, announce.Verdict.Reason);
                _rollouts.Record(announce.Verdict.Duration.TotalSeconds, tags);
                break;
        }
    }

    private void RecordExit(Announce exited)
    {
        if (_exits.Enabled)
        {
            TagList tags = [_pool, SlotOf(exited), Tag(Tags.ExitStatus, Words.Of(exited.Exit!.Value)), Tag(Tags.ExitAsked, exited.WasAsked)];
            AddReason(ref tags, exited.Reason);
            _exits.Add(1, tags);
        }

        if (exited.ConnectionsCut > 0)
        {
            _cut.Add(exited.ConnectionsCut, _pool, SlotOf(exited), Tag(Tags.ExitAsked, exited.WasAsked));
        }
    }

    private static KeyValuePair<string, object?> SlotOf(Announce announce) => Tag(Tags.Slot, announce.Slot);

    private static void AddReason(ref TagList tags, VerdictReason reason)
    {
        if (reason != VerdictReason.None)
        {
            tags.Add(Tag(Tags.Reason, Words.Of(reason)));
        }
    }
}
