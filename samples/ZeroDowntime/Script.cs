using WorkerPool;
using ZeroDowntime.Kill;

namespace ZeroDowntime;

/// <summary>What happens in the demonstration, in its order.</summary>
internal sealed class Script(Stage stage, Release first, CancellationToken cancellationToken)
{
    public const string WarmUp = "warm-up";
    public const string Steady = "steady";
    public const string Rest = "rest";

    private static readonly TimeSpan LookPeriod = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan RespawnDeadline = TimeSpan.FromSeconds(30);

    public Replacement Replacement { get; } = new(stage);

    /// <summary>The worker that was killed; null before.</summary>
    public KilledWorker? Killed { get; private set; }

    /// <summary>From the kill to the next ready worker in the slot; null: there was none in time.</summary>
    public TimeSpan? Respawned { get; private set; }

    public async Task RunAsync()
    {
        await stage.PlayAsync(WarmUp, () => Task.Delay(stage.Options.WarmUp, cancellationToken));
        await stage.PlayAsync(Steady, () => Task.Delay(stage.Options.Steady, cancellationToken));
        if (stage.Options.AllAtOnce)
        {
            await PlayAsync("all-at-once", () => Replacement.RunAsync(AllSlots(), first.WithLabel("v2"), ReplaceOrder.StartFirst));
        }
        else
        {
            await PlayAsync("stop-first", () => ReplaceOneByOneAsync(first.WithLabel("v2"), ReplaceOrder.StopFirst));
            await PlayAsync("start-first", () => ReplaceOneByOneAsync(first.WithLabel("v3"), ReplaceOrder.StartFirst));
        }

        await PlayAsync("kill", KillAsync);
    }

    private async Task PlayAsync(string phase, Func<Task> play)
    {
        await stage.PlayAsync(phase, play);
        await stage.PlayAsync(Rest, () => Task.Delay(stage.Options.Pause, cancellationToken));
    }

    private async Task ReplaceOneByOneAsync(Release release, ReplaceOrder order)
    {
        foreach (int slot in AllSlots())
        {
            cancellationToken.ThrowIfCancellationRequested();
            await Replacement.RunAsync([slot], release, order);
        }
    }

    private async Task KillAsync()
    {
        SlotStatus slot = stage.Master.Status.Slots[^1];
        TimeSpan begin = stage.Now;
        Killed = await WorkerKill.RunAsync(slot, stage.Port);
        stage.Say($"slot {Killed.Slot}: killed process {Killed.ProcessId}, which held {Killed.ClientPorts.Count} connections");
        while (stage.Now - begin < RespawnDeadline)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (stage.Master.Status.Slots[^1].Workers.Any(IsSuccessor))
            {
                Respawned = stage.Now - begin;
                return;
            }

            await Task.Delay(LookPeriod, cancellationToken);
        }
    }

    private bool IsSuccessor(WorkerStatus worker) =>
        worker.State == WorkerState.Ready && worker.ProcessId != Killed!.ProcessId;

    private int[] AllSlots() => [.. stage.Master.Status.Slots.Select(slot => slot.Slot)];
}
