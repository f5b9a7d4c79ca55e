using System.Diagnostics;
using WorkerPool.Supervision;
using static WorkerPool.Runtime.Telemetry.Tags;

namespace WorkerPool.Runtime.Telemetry;

/// <summary>
/// Spans: one for each rollout, respawn, start, drain and replacement of a slot. Those of slots have the rollout that they belong to
/// as their parent, or the span in which the caller of the command was.
/// </summary>
/// <remarks>
/// The span of a rollout is begun when the rollout is, because others refer to it. The spans of slots are made when they
/// end, with the time at which they began: so a pool that is killed leaves none half done, and nothing has to be kept.
/// </remarks>
internal sealed class PoolTraces(KeyValuePair<string, object?> pool, TimeProvider time) : IDisposable
{
    private static readonly ActivitySource Spans = new(PoolTelemetry.Name, PoolTelemetry.Version);

    private readonly Dictionary<int, ActivityContext> _callers = [];
    private Activity? _rollout;

    public static ActivityContext Caller() => Spans.HasListeners() ? Activity.Current?.Context ?? default : default;

    public void Begin(int command, ActivityContext caller)
    {
        if (caller != default)
        {
            _callers[command] = caller;
        }
    }

    public void Record(SupervisionAction action)
    {
        switch (action)
        {
            case Announce { Kind: PoolEventKind.RolloutBegan } began:
                _rollout = Start("workerpool.rollout", _callers.GetValueOrDefault(began.Command ?? 0), time.GetUtcNow());
                _rollout?.SetTag(Tags.Release, began.Label).SetTag(Tags.RolloutSlots, began.Rollout!.Total);
                break;
            case Announce { Kind: PoolEventKind.RolloutEnded } ended when _rollout is not null:
                _rollout.SetTag(Tags.RolloutDone, ended.Rollout!.Done);
                End(_rollout, ended.Verdict!);
                _rollout = null;
                break;
            case Announce { IsRespawn: true } respawned when Spans.HasListeners() && OutcomeOf(respawned) is Verdict outcome:
                Record(respawned, outcome);
                break;
            case Announce { Rollout: not null } progress when _rollout is not null:
                _rollout.AddEvent(new ActivityEvent(
                    Words.Of(progress.Kind),
                    time.GetUtcNow(),
                    [Tag(Tags.Slot, progress.Slot), Tag("message", progress.Message)]));
                break;
            case RecordCommand done when Spans.HasListeners():
                Record(done);
                break;
            case EndCommand end:
                _callers.Remove(end.Command);
                break;
        }
    }

    public void Dispose()
    {
        // A master that is disposed has ended its rollout; this is for one whose loop has failed.
        _rollout?.SetStatus(ActivityStatusCode.Error, "The master failed.");
        Stop(_rollout);
    }

    /// <summary>Null: the start of the worker is not over, or was over long ago, or has become pointless.</summary>
    private static Verdict? OutcomeOf(Announce respawned) => respawned switch
    {
        { Kind: PoolEventKind.WorkerReady } => new Verdict { Outcome = Outcome.Done, Message = respawned.Message },
        { Kind: PoolEventKind.SpawnFailed } =>
            new Verdict { Outcome = Outcome.Failed, Reason = VerdictReason.SpawnFailed, Message = respawned.Message },
        { Kind: PoolEventKind.WorkerExited, WasReady: false, Reason: not VerdictReason.None } =>
            new Verdict { Outcome = Outcome.Failed, Reason = respawned.Reason, Message = respawned.Message, Exit = respawned.Exit },
        _ => null,
    };

    private void Record(Announce respawned, Verdict outcome)
    {
        Activity? span = Start("workerpool.respawn", parent: default, time.GetUtcNow() - respawned.Duration);
        if (span is not null)
        {
            span.SetTag(Tags.Slot, respawned.Slot).SetTag(Tags.Release, respawned.Label);
            End(span, outcome);
        }
    }

    private void Record(RecordCommand done)
    {
        SlotCommand command = done.Command;
        ActivityContext parent = command.Origin.Kind == OriginKind.Rollout
            ? _rollout?.Context ?? default
            : _callers.GetValueOrDefault(command.Origin.Id);
        string name = command.Kind switch
        {
            SlotCommandKind.Start => "workerpool.start",
            SlotCommandKind.Drain => "workerpool.drain",
            _ => "workerpool.replace",
        };
        Activity? span = Start(name, parent, time.GetUtcNow() - done.Verdict.Duration);
        if (span is not null)
        {
            span.SetTag(Tags.Slot, done.Slot).SetTag(Tags.Release, command.Release.Label).SetTag(Tags.Origin, Words.Of(command.Origin.Kind));
            if (command.Kind == SlotCommandKind.Replace)
            {
                span.SetTag(Tags.PreviousRelease, command.Previous.Label).SetTag(Tags.Order, Words.Of(command.Order));
            }

            End(span, done.Verdict);
        }
    }

    private void End(Activity span, Verdict verdict)
    {
        span.SetTag(Tags.Outcome, Words.Of(verdict.Outcome));
        if (verdict.ConnectionsCut > 0)
        {
            span.SetTag(Tags.ConnectionsCut, verdict.ConnectionsCut);
        }

        if (verdict.Exit is ExitStatus exit)
        {
            span.SetTag(Tags.ExitStatus, Words.Of(exit));
        }

        if (verdict.IsDone)
        {
            span.SetStatus(ActivityStatusCode.Ok);
        }
        else
        {
            span.SetTag(Tags.Reason, Words.Of(verdict.Reason)).SetStatus(ActivityStatusCode.Error, verdict.Message);
        }

        span.SetEndTime(time.GetUtcNow().UtcDateTime);
        Stop(span);
    }

    /// <summary>The loop's own thread must not seem to be within a span, whoever started it: what it calls later has nothing to do with it.</summary>
    private Activity? Start(string name, ActivityContext parent, DateTimeOffset start)
    {
        Activity? before = Activity.Current;
        Activity.Current = null;
        try
        {
            return Spans.StartActivity(name, ActivityKind.Internal, parent, [pool], links: null, start);
        }
        finally
        {
            Activity.Current = before;
        }
    }

    private static void Stop(Activity? span)
    {
        Activity? before = Activity.Current;
        try
        {
            span?.Dispose();
        }
        finally
        {
            Activity.Current = before;
        }
    }
}
