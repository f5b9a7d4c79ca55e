using WorkerPool;
using ZeroDowntime.Kill;
using ZeroDowntime.Rolls;

namespace ZeroDowntime;

/// <summary>What happens in the demonstration, in its order.</summary>
internal sealed class Script(Stage stage, ProxyReleases releases, CancellationToken cancellationToken)
{
    public const string WarmUp = "warm-up";
    public const string Steady = "steady";
    public const string Rest = "rest";
    public const string StopFirst = "stop-first";
    public const string StartFirst = "start-first";

    private static readonly TimeSpan LookPeriod = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan RespawnDeadline = TimeSpan.FromSeconds(30);

    private readonly List<KilledWorker> _killed = [];

    public RollScript Rolls { get; } = new(stage, cancellationToken);

    /// <summary>The workers that were killed, in order.</summary>
    public IReadOnlyList<KilledWorker> Killed => _killed;

    /// <summary>From the kill to the next ready worker in the slot; null: there was none in time, or no kill.</summary>
    public TimeSpan? Respawned { get; private set; }

    public async Task RunAsync()
    {
        await stage.PlayAsync(WarmUp, () => Task.Delay(stage.Options.WarmUp, cancellationToken));
        await stage.PlayAsync(Steady, () => Task.Delay(stage.Options.Steady, cancellationToken));
        if (stage.Options.Bad is string bad)
        {
            await PlayAsync($"bad-{StopFirst}", () => RollBadAsync(bad, ReplaceOrder.StopFirst));
            await PlayAsync($"bad-{StartFirst}", () => RollBadAsync(bad, ReplaceOrder.StartFirst));
            return;
        }

        if (stage.Options.AllAtOnce)
        {
            int all = stage.Options.Workers;
            await PlayAsync("all-at-once", () => Rolls.RunAsync(
                CreatePlan("v2", ReplaceOrder.StartFirst) with { Parallelism = all, Surge = all }));
        }
        else
        {
            await PlayAsync(StopFirst, () => Rolls.RunAsync(CreatePlan("v2", ReplaceOrder.StopFirst)));
            await PlayAsync(StartFirst, () => Rolls.RunAsync(CreatePlan("v3", ReplaceOrder.StartFirst)));
        }

        await PlayAsync("kill", KillAsync);
    }

    private async Task PlayAsync(string phase, Func<Task> play)
    {
        await stage.PlayAsync(phase, play);
        await stage.PlayAsync(Rest, () => Task.Delay(stage.Options.Pause, cancellationToken));
    }

    private RolloutPlan CreatePlan(string label, ReplaceOrder order) => new(releases.Create(label))
    {
        Order = order,
        Bake = stage.Options.Bake,
        Probe = ProxyReleases.Probe,
    };

    private async Task RollBadAsync(string kind, ReplaceOrder order)
    {
        RolloutPlan plan = CreatePlan(BadRelease.Label, order) with
        {
            Release = releases.Create(BadRelease.Label, kind),
            StartDeadline = stage.Options.BadStartDeadline,
        };
        Task rolling = Rolls.RunAsync(plan, BadRelease.Kinds[kind]);
        await Task.WhenAll(rolling, KillWhatStandsStillAsync(rolling));
    }

    // A worker that crashes stands still first, so that we see what it held; then it has to die.
    private async Task KillWhatStandsStillAsync(Task rolling)
    {
        while (!rolling.IsCompleted)
        {
            foreach (SlotStatus slot in stage.Master.Status.Slots)
            {
                if (slot.Workers.FirstOrDefault(worker => worker.Label == BadRelease.Label) is WorkerStatus bad
                    && _killed.All(killed => killed.ProcessId != bad.ProcessId) && WorkerKill.IsFrozen(bad.ProcessId))
                {
                    await KillAsync(slot.Slot, bad);
                }
            }

            await Task.Delay(LookPeriod, cancellationToken);
        }
    }

    private async Task KillAsync()
    {
        int slot = stage.Options.Workers - 1;
        TimeSpan begin = stage.Now;
        await KillAsync(slot, stage.Master.Status.Slots[slot].Workers.Single());
        while (stage.Now - begin < RespawnDeadline)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (stage.Master.Status.Slots[slot].Workers.Any(IsSuccessor))
            {
                Respawned = stage.Now - begin;
                return;
            }

            await Task.Delay(LookPeriod, cancellationToken);
        }
    }

    private async Task KillAsync(int slot, WorkerStatus worker)
    {
        KilledWorker killed = await WorkerKill.RunAsync(slot, worker.ProcessId, stage.Port);
        _killed.Add(killed);
        stage.Say($"slot {slot}: killed process {killed.ProcessId}, which held {killed.ClientPorts.Count} connections");
    }

    private bool IsSuccessor(WorkerStatus worker) =>
        worker.State == WorkerState.Ready && worker.ProcessId != _killed[^1].ProcessId;
}
