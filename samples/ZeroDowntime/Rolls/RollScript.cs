using WorkerPool;
using ZeroDowntime.Measure;

namespace ZeroDowntime.Rolls;

/// <summary>Rolls releases out while connections wait on both sides of each change.</summary>
/// <remarks>
/// The rollout goes its own way; this follows it, slot by slot:
/// <code>
///   1 clients connect, and say nothing        some worker has accepted them
///   2 the rollout comes to the slot; the old worker closes its copy of the listening socket
///   3 the clients of 1 send                   served by the worker that drains, or by others
///   4 other clients connect, and say nothing  stop-first: steered to other slots; without steering some wait in the queue
///   5 the slot has its new worker
///   6 the clients of 4 send
/// </code>
/// </remarks>
internal sealed class RollScript(Stage stage, CancellationToken cancellationToken)
{
    private static readonly TimeSpan LookPeriod = TimeSpan.FromMilliseconds(10);

    private readonly List<RollResult> _results = [];
    private int _groups;

    public IReadOnlyList<RollResult> Results => _results;

    /// <summary>How many connections were seen waiting in an accept queue in the steps 4 of stop-first.</summary>
    public int SeenInQueue { get; private set; }

    /// <summary>Rolls a release out.</summary>
    /// <param name="plan">All slots, one by one or all at once.</param>
    /// <param name="expected">How it shall end.</param>
    public async Task RunAsync(RolloutPlan plan, VerdictReason expected = VerdictReason.None)
    {
        string waiting = await OpenAsync();
        Task<RollResult> rolling = RollWatch.RunAsync(stage.Master, plan, expected);
        int[] slots = [.. Enumerable.Range(0, stage.Options.Workers)];
        foreach (int[] together in plan.Parallelism == 1 ? slots.Chunk(1) : [slots])
        {
            if (rolling.IsCompleted)
            {
                break;
            }

            await WhenAsync(HaveLetGo(together, plan.Release.Label), rolling);
            await stage.Clients.SendAsync(waiting);
            waiting = await OpenAsync();
            SeenInQueue += plan.Order == ReplaceOrder.StopFirst ? SocketTable.CountWaiting(stage.Port) : 0;
            await WhenAsync(() => HaveSwitched(together, plan.Release.Label), rolling);
            await stage.Clients.SendAsync(waiting);
            waiting = await OpenAsync();
        }

        await stage.Clients.SendAsync(waiting);
        _results.Add(await rolling);
        stage.Say($"release {plan.Release.Label}: {_results[^1].Verdict.Outcome}, {_results[^1].Verdict.Duration.TotalSeconds:0.0} s. {_results[^1].Verdict.Message}");
    }

    private async Task<string> OpenAsync()
    {
        string group = $"waiting-{++_groups}";
        await stage.Clients.OpenWaitingAsync(group, stage.Options.Waiting);
        return group;
    }

    // A connection that waits silently at a worker that drains would hold up the drain: so the second group must not
    // come before the old workers have closed their listening sockets.
    private Func<bool> HaveLetGo(int[] slots, string label)
    {
        HashSet<long> listeners = SocketTable.ReadListeners(stage.Port);
        return () => slots.SelectMany(slot => stage.Master.Status.Slots[slot].Workers)
            .Where(worker => worker.Label != label)
            .All(worker => worker.State is WorkerState.Draining or WorkerState.Stopping
                && !HeldSockets.ReadInodes(worker.ProcessId).Overlaps(listeners));
    }

    private bool HaveSwitched(int[] slots, string label) =>
        stage.Master.Status.Rollout is RolloutStatus rollout && rollout.Label == label
        && slots.All(slot => rollout.Slots[slot].State is not (RolledSlotState.Waiting or RolledSlotState.Replacing));

    private async Task WhenAsync(Func<bool> condition, Task rolling)
    {
        while (!rolling.IsCompleted && !condition())
        {
            await Task.Delay(LookPeriod, cancellationToken);
        }
    }
}
