using System.Globalization;
using WorkerPool.Supervision;

namespace WorkerPool.Cli.Output;

/// <summary>A pool as rows of text, one for each worker and each empty slot, and notes. Pure.</summary>
internal sealed record PoolTable(IReadOnlyList<string[]> Rows, IReadOnlyList<string> Notes)
{
    private const string Nothing = "-";

    public static IReadOnlyList<(string Head, bool Number)> Columns { get; } =
    [
        ("SLOT", true), ("GEN", true), ("PID", true), ("STATE", false), ("UP", true), ("CONN", true),
        ("QUEUE", true), ("WEIGHT", true), ("SHARE", true), ("PSS", true), ("CPU", true), ("RELEASE", false),
    ];

    /// <param name="status">The pool.</param>
    /// <param name="now">What was measured last.</param>
    /// <param name="before">What was measured before; null: the processor time so far is shown, instead of the part of one core since then.</param>
    /// <param name="time">The present.</param>
    public static PoolTable Of(PoolStatus status, PoolMeasurement now, PoolMeasurement? before, DateTimeOffset time) => new(
        [.. status.Slots.SelectMany(slot => RowsOf(slot, now, before, time))],
        [.. NotesOn(status, now, time)]);

    private static IEnumerable<string[]> RowsOf(SlotStatus slot, PoolMeasurement now, PoolMeasurement? before, DateTimeOffset time)
    {
        string[] ofSlot = [QueueOf(slot.Slot, now), Text($"{slot.Weight:0.##}"), Text($"{slot.Share:0.#%}")];
        if (slot.Workers.Count == 0)
        {
            yield return [Text($"{slot.Slot}"), Nothing, Nothing, Named.Of(slot.State), Nothing, Nothing, .. ofSlot, Nothing, Nothing, slot.Label];
        }

        WorkerStatus? serving = slot.Workers.OrderBy(worker => worker.State == WorkerState.Ready).LastOrDefault(); // stable
        foreach (WorkerStatus worker in slot.Workers)
        {
            WorkerMeasurement? measured = Find(now, worker);
            yield return
            [
                Text($"{slot.Slot}"), Text($"{worker.Generation}"), Text($"{worker.ProcessId}"), worker.IsUnresponsive ? "unresponsive" : Named.Of(worker.State),
                DurationText.Format(time - worker.StartedAt), Text($"{worker.Connections}"), .. worker == serving ? ofSlot : [Nothing, Nothing, Nothing],
                measured?.PssBytes is long bytes ? Text($"{bytes / 1048576.0:0.0}M") : Nothing,
                CpuOf(measured, before is null ? null : Find(before, worker), now.Time - (before?.Time ?? now.Time)),
                worker.Label,
            ];
        }
    }

    private static string CpuOf(WorkerMeasurement? now, WorkerMeasurement? before, TimeSpan between) =>
        now?.CpuTime is not TimeSpan spent ? Nothing
        : before?.CpuTime is TimeSpan earlier && between > TimeSpan.Zero ? Text($"{(spent - earlier) / between:0%}")
        : Text($"{spent.TotalSeconds:0.0}s");

    private static WorkerMeasurement? Find(PoolMeasurement measurement, WorkerStatus worker) =>
        measurement.Workers.FirstOrDefault(measured => measured.ProcessId == worker.ProcessId);

    private static string QueueOf(int slot, PoolMeasurement now) =>
        now.Queues.Where(queue => queue.Slot == slot).Sum(queue => queue.Length) is int length ? Text($"{length}") : Nothing;

    private static IEnumerable<string> NotesOn(PoolStatus status, PoolMeasurement now, DateTimeOffset time)
    {
        string memory = Text($"{now.Workers.Sum(worker => worker.PssBytes ?? 0) / 1048576.0:0.0}M");
        string connections = Counted.Of(status.Slots.Sum(slot => slot.Workers.Sum(worker => worker.Connections)), "connection");
        yield return $"{status.ReadyCount} of {Counted.Of(status.Slots.Count, "slot")} ready, {Counted.Of(status.ProcessCount, "process")}, {connections}, PSS {memory}";
        foreach (EndpointStatus endpoint in status.Endpoints.Where(endpoint => endpoint.IsActivated || endpoint.IsShared))
        {
            yield return $"endpoint {endpoint.Name}: {endpoint.Address}{(endpoint.IsActivated ? ", from systemd" : "")}{(endpoint.IsShared ? ", one socket for all slots: not steered" : "")}";
        }

        if (status.Rollout is RolloutStatus rollout)
        {
            string progress = rollout.IsOver ? "" : $", {rollout.DoneCount} of {Counted.Of(rollout.Slots.Count, "slot")}";
            yield return $"rollout of {rollout.Label}, begun {DurationText.Format(time - rollout.StartedAt)} ago: {Named.Of(rollout.State)}{progress}. {rollout.Message}".TrimEnd();
        }

        foreach (SlotStatus slot in status.Slots.Where(slot => slot.State is SlotState.BackingOff or SlotState.Broken))
        {
            yield return Text($"slot {slot.Slot}: {Counted.Of(slot.ConsecutiveDeaths, "death")} in a row, the last one by {slot.LastExit}");
        }

        foreach (SlotStatus slot in status.Slots)
        {
            foreach (WorkerStatus worker in slot.Workers.Where(worker => worker is { IsUnresponsive: true, LastHeard: not null }))
            {
                yield return Text($"slot {slot.Slot}: process {worker.ProcessId} has not been heard for {DurationText.Format(time - worker.LastHeard!.Value)}");
            }
        }

        if (status.RespawnSuspended)
        {
            yield return "respawn is suspended: workers that die stay dead";
        }

        if (status.Stopping)
        {
            yield return "the pool is stopping";
        }
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
