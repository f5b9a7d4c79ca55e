using WorkerPool;
using ZeroDowntime.Measure;

namespace ZeroDowntime;

/// <summary>Replaces workers while connections wait on both sides of the change.</summary>
/// <remarks>
/// <code>
///   1 clients connect, and say nothing        their worker has accepted them
///   2 the replacement begins; the old worker closes its copy of the listening socket
///   3 the clients of 1 send                   served by the worker that drains
///   4 other clients connect, and say nothing  stop-first: those that the kernel gave to the slot wait in its queue
///   5 the replacement has its verdict
///   6 the clients of 4 send                   served by the new worker
/// </code>
/// </remarks>
internal sealed class Replacement(Stage stage)
{
    private static readonly TimeSpan LookPeriod = TimeSpan.FromMilliseconds(10);

    private readonly List<Verdict> _verdicts = [];
    private int _count;

    public IReadOnlyList<Verdict> Verdicts => _verdicts;

    /// <summary>How many connections were seen waiting in an accept queue in the steps 4 of stop-first.</summary>
    public int SeenInQueue { get; private set; }

    /// <summary>Replaces the workers of some slots, all at the same time.</summary>
    public async Task RunAsync(int[] slots, Release release, ReplaceOrder order)
    {
        (string before, string during) = ($"before-{++_count}", $"during-{_count}");
        await stage.Clients.OpenWaitingAsync(before, stage.Options.Waiting);
        int[] leaving = [.. slots.SelectMany(slot => stage.Master.Status.Slots[slot].Workers).Select(worker => worker.ProcessId)];
        Task<Verdict[]> replacing = Task.WhenAll(slots.Select(slot => stage.Master.ReplaceAsync(slot, release, order)));
        await WhenLetGoAsync(leaving, replacing);

        await stage.Clients.SendAsync(before);
        await stage.Clients.OpenWaitingAsync(during, stage.Options.Waiting);
        SeenInQueue += order == ReplaceOrder.StopFirst ? SocketTable.CountWaiting(stage.Port) : 0;
        foreach (Verdict verdict in await replacing)
        {
            _verdicts.Add(verdict);
            stage.Say($"slot {verdict.Slot}: {verdict.Outcome}, {verdict.Duration.TotalSeconds:0.000} s. {verdict.Message}");
        }

        await stage.Clients.SendAsync(during);
    }

    // A connection that waits silently at a worker that drains would hold up the drain: so the second group must not
    // come before the old workers have closed their listening sockets.
    private async Task WhenLetGoAsync(int[] processes, Task replacing)
    {
        HashSet<long> listeners = SocketTable.ReadListeners(stage.Port);
        while (!replacing.IsCompleted && processes.Any(process => HeldSockets.ReadInodes(process).Overlaps(listeners)))
        {
            await Task.Delay(LookPeriod);
        }
    }
}
