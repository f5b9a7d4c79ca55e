using System.Globalization;

namespace WorkerPool.Supervision;

/// <summary>
/// A release on its way over the slots. It looks at the slots after whatever happened (<see cref="Advance"/>), and begins
/// what the plan and its bounds allow.
/// </summary>
/// <remarks>
/// <code>
///            Begin           switched           old one gone, bake over
///   Waiting -------> Replacing --------> Baking -------------------------> Done
///                        |                  |
///                        | failed           | the new worker died
///                        v                  v
///                      Failed          RollingBack ------> RolledBack
///                                         ^  |
///                                         +--+ the previous release failed too: again, later
///
///   more than MaxFailures failed:
///   pause | stop: no further slot begins
///   roll back:    those in the middle are given up, then every slot that runs the new release goes back
/// </code>
/// </remarks>
internal sealed partial class Rollout
{
    private readonly SupervisionContext _context;
    private readonly IReadOnlyList<SlotLife> _pool;
    private readonly RolloutPlan _plan;
    private readonly List<RolloutStep> _steps;
    private readonly TimeSpan _startedAt;
    private RolloutState _state = RolloutState.Rolling;
    private Verdict? _failure;
    private int _connectionsCut;
    private TimeSpan _now;

    /// <param name="id">The command that is to be answered.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="slots">The slots that it covers, in its order.</param>
    /// <param name="pool">All slots.</param>
    /// <param name="context">Where actions go.</param>
    /// <param name="now">The time.</param>
    public Rollout(int id, RolloutPlan plan, IEnumerable<SlotLife> slots, IReadOnlyList<SlotLife> pool, SupervisionContext context, TimeSpan now)
    {
        Id = id;
        _plan = plan;
        _pool = pool;
        _context = context;
        _startedAt = _now = now;
        _steps = [.. slots.Select(slot => new RolloutStep(slot))];
        Announce(PoolEventKind.RolloutBegan, Text($"Release \"{Label}\" goes over {Counted.Of(_steps.Count, "slot")}."));
    }

    public int Id { get; }

    public string Label => _plan.Release.Label;

    /// <summary>The verdict, once it is over.</summary>
    public Verdict? Verdict { get; private set; }

    public RolloutProgress Progress => new(_state, _steps.Count(step => step.State == RolledSlotState.Done), _steps.Count);

    /// <summary>When <see cref="Advance"/> has something to do next.</summary>
    public TimeSpan? NextDeadline
    {
        get
        {
            TimeSpan? next = _state is RolloutState.Rolling or RolloutState.Paused ? _startedAt + _plan.Deadline : null;
            foreach (RolloutStep step in _steps)
            {
                TimeSpan? mine = step.State switch
                {
                    RolledSlotState.Baking when BakedAt(step) > _now => BakedAt(step),
                    RolledSlotState.RollingBack when step.RetryAt > _now => step.RetryAt,
                    _ => null,
                };
                next = Deadlines.Earlier(next, mine);
            }

            return next;
        }
    }

    public bool Covers(int slot) => _steps.Any(step => step.Slot.Number == slot && step.State != RolledSlotState.Skipped);

    /// <summary>Draws the conclusions from what the slots are now.</summary>
    public void Advance(TimeSpan now)
    {
        _now = now;
        foreach (RolloutStep step in _steps)
        {
            Observe(step);
        }

        CheckDeadline();
        if (_state == RolloutState.RollingBack)
        {
            SendBack();
        }

        BeginRestores();
        if (_state == RolloutState.Rolling)
        {
            BeginSteps();
        }

        EndIfOver();
    }

    /// <summary>A command that this rollout gave to a slot has ended.</summary>
    public void CommandEnded(SlotLife slot, Verdict verdict, TimeSpan now)
    {
        _now = now;
        _reading = null;
        RolloutStep step = _steps.First(step => step.Slot == slot);
        _connectionsCut += verdict.ConnectionsCut;
        if (step.State == RolledSlotState.RollingBack)
        {
            RestoreEnded(step, verdict);
        }
        else if (!verdict.IsDone && step.State == RolledSlotState.Replacing)
        {
            step.Fail(verdict, now);
            Failed(step, verdict);
        }
    }

    /// <summary>What has happened in the slot since the last look.</summary>
    private void Observe(RolloutStep step)
    {
        SlotLife slot = step.Slot;
        bool isSwitched = slot.Command is null or { Succeeded: true };
        if (step.State == RolledSlotState.Replacing && slot.Command?.Failure is { Reason: not VerdictReason.Aborted } failure)
        {
            step.GoBack(failure);
            Failed(step, failure);
        }

        if (step.State == RolledSlotState.Replacing && isSwitched)
        {
            step.Bake(slot.Serving);
            Announce(PoolEventKind.RolloutSlotSwitched, Text($"Slot {slot.Number} has a worker of release \"{Label}\"."), slot.Number);
        }

        if (step.State == RolledSlotState.RollingBack && isSwitched && slot.Accepts && slot.Serving!.Release == step.Previous)
        {
            bool isTriedAgain = step.Failure is null && _state is RolloutState.Rolling or RolloutState.Paused;
            step.End(isTriedAgain ? RolledSlotState.Waiting : RolledSlotState.RolledBack, _now);
            Announce(PoolEventKind.RolloutSlotRestored, Text($"Slot {slot.Number} runs release \"{step.Previous.Label}\" again."), slot.Number);
        }

        if (step.State != RolledSlotState.Baking)
        {
            return;
        }

        if (slot.Serving is null || slot.Serving != step.Baked)
        {
            step.GoBack(slot.LastDeath!);
            Failed(step, slot.LastDeath!);
        }
        else if (slot.Accepts && BakedAt(step) <= _now && (slot.Command is null || Lingering <= _plan.MaxLingering))
        {
            step.End(RolledSlotState.Done, _now);
            Announce(PoolEventKind.RolloutSlotDone, Text($"Slot {slot.Number} is done; {_steps.Count(one => one.State == RolledSlotState.Done)} of {_steps.Count} are."), slot.Number);
        }
    }

    private TimeSpan? BakedAt(RolloutStep step) => step.Baked?.ReadySince + _plan.Bake;

    private void BeginSteps()
    {
        foreach (RolloutStep step in _steps.Where(step => step.State == RolledSlotState.Waiting))
        {
            if (_state != RolloutState.Rolling || InWork >= _plan.Parallelism)
            {
                break;
            }
            else if (!step.Slot.WantsWorker && step.Slot.Command is null)
            {
                step.End(RolledSlotState.Skipped, _now);
            }
            else if (step.Slot.Command is null && ChooseOrder(step.Slot) is ReplaceOrder order)
            {
                step.Begin(RolledSlotState.Replacing, order, _now);
                Replace(step, _plan.Release, order, _plan.Probe, _plan.StartDeadline);
            }
        }
    }

    private int InWork => _steps.Count(step => step.State is RolledSlotState.Replacing or RolledSlotState.Baking or RolledSlotState.RollingBack);

    private void Replace(RolloutStep step, Release release, ReplaceOrder order, HealthProbe? probe, TimeSpan? startDeadline)
    {
        _reading = null; // it was of the time before this worker
        step.Slot.BeginReplace(
            new SlotCommand(SlotCommandKind.Replace, new CommandOrigin(OriginKind.Rollout), _now)
            {
                Release = release,
                Previous = step.Slot.Release,
                Order = order,
                Probe = probe,
                StartDeadline = startDeadline,
                DrainDeadline = _plan.DrainDeadline,
            },
            _now);
    }

    private void Announce(PoolEventKind kind, string message, int? slot = null) =>
        _context.Do(new Announce(kind, message) { Slot = slot, Label = Label, Rollout = Progress, Command = Id });

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
