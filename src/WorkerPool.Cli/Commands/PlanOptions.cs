using System.CommandLine;

namespace WorkerPool.Cli.Commands;

/// <summary>The options of a rollout's plan. What is not given is as in the pool's own plan.</summary>
internal sealed class PlanOptions
{
    private readonly ReleaseOptions _release = new();
    private readonly ProbeOptions _probe = new();

    private readonly Option<int[]> _slots = new("--slots")
    {
        Description = "The slots, in this order.",
        HelpName = "N",
        AllowMultipleArgumentsPerToken = true,
        CustomParser = Arguments.ParseNumbers<int>,
    };

    private readonly Option<int?> _count = Arguments.Number("--count", "Only so many of the slots, the first ones: a canary.");

    private readonly Option<string?> _order = new("--order")
    {
        Description = "Which worker of a slot goes first; auto: the new one while the memory holds one more.",
    };

    private readonly Option<int?> _parallelism = Arguments.Number("--parallelism", "Slots in work at a time.");
    private readonly Option<int?> _surge = Arguments.Number("--surge", "Processes beyond one for each slot.");
    private readonly Option<int?> _unavailable = Arguments.Number("--unavailable", "Slots without a ready worker.");
    private readonly Option<int?> _lingering = Arguments.Number("--max-lingering", "Old workers that may drain on while the next slot begins.");
    private readonly Option<TimeSpan?> _start = Arguments.Time("--start-deadline", "The time that a new worker has to be ready and healthy.");
    private readonly Option<TimeSpan?> _drain = Arguments.Time("--drain-deadline", "The time that an old worker has to drain.");
    private readonly Option<TimeSpan?> _bake = Arguments.Time("--bake", "How long a new worker must serve without dying before the rollout goes on.");
    private readonly Option<TimeSpan?> _deadline = Arguments.Time("--deadline", "The time for the whole rollout.");
    private readonly Option<int?> _failures = Arguments.Number("--max-failures", "How many slots may fail without failing the rollout.");
    private readonly Option<string?> _onFailure = new("--on-failure") { Description = "What happens when more fail." };
    private readonly Option<bool> _noMemory = new("--no-memory-check") { Description = "Do not look at the memory of the machine." };
    private readonly Option<bool> _dryRun = new("--dry-run") { Description = "Only say what would be done." };
    private readonly Option<bool> _supersede = new("--supersede") { Description = "Give a rollout that is under way up for this one." };

    public PlanOptions()
    {
        _order.AcceptOnlyFromAmong("auto", "start-first", "stop-first");
        _onFailure.AcceptOnlyFromAmong("roll-back", "pause", "stop");
    }

    public void AddTo(Command command)
    {
        _release.AddTo(command);
        Option[] options =
        [
            _slots, _count, _order, _parallelism, _surge, _unavailable, _lingering, _start, _drain, _bake, _deadline,
            _failures, _onFailure, _noMemory, _dryRun, _supersede,
        ];
        foreach (Option option in options)
        {
            command.Options.Add(option);
        }

        _probe.AddTo(command);
    }

    public RolloutChanges Read(ParseResult parsed) => new()
    {
        Release = _release.Read(parsed),
        Slots = parsed.GetResult(_slots) is null ? null : parsed.GetValue(_slots),
        Count = parsed.GetValue(_count),
        Order = parsed.GetValue(_order) switch
        {
            "auto" => RolloutOrder.Auto,
            "start-first" => RolloutOrder.StartFirst,
            "stop-first" => RolloutOrder.StopFirst,
            _ => null,
        },
        Parallelism = parsed.GetValue(_parallelism),
        Surge = parsed.GetValue(_surge),
        Unavailable = parsed.GetValue(_unavailable),
        MaxLingering = parsed.GetValue(_lingering),
        StartDeadline = parsed.GetValue(_start),
        DrainDeadline = parsed.GetValue(_drain),
        Bake = parsed.GetValue(_bake),
        Deadline = parsed.GetValue(_deadline),
        Probe = _probe.Read(parsed),
        MaxFailures = parsed.GetValue(_failures),
        OnFailure = parsed.GetValue(_onFailure) switch
        {
            "roll-back" => RolloutFailureAction.RollBack,
            "pause" => RolloutFailureAction.Pause,
            "stop" => RolloutFailureAction.Stop,
            _ => null,
        },
        CheckMemory = parsed.GetValue(_noMemory) ? false : null,
        DryRun = parsed.GetValue(_dryRun) ? true : null,
        Supersede = parsed.GetValue(_supersede) ? true : null,
    };
}
