using System.Globalization;

namespace WorkerPool.Systemd;

/// <summary>What the service manager is told, in its words; sd_notify(3). Pure.</summary>
internal static class NotifyText
{
    public const string Ready = "READY=1";
    public const string Watchdog = "WATCHDOG=1";

    private const int MaxFailure = 200;

    /// <summary>A reload begins. The time lets the manager tell it from an older one.</summary>
    public static string Reloading(long monotonicMicroseconds) => Text($"RELOADING=1\nMONOTONIC_USEC={monotonicMicroseconds}");

    /// <summary>The end begins, and may take so long.</summary>
    public static string Stopping(TimeSpan longest) => Text($"STOPPING=1\nEXTEND_TIMEOUT_USEC={(long)longest.TotalMicroseconds}");

    /// <summary>One line for <c>systemctl status</c>.</summary>
    public static string Status(PoolStatus pool) => "STATUS=" + OneLine(Describe(pool));

    private static string Describe(PoolStatus pool)
    {
        string workers = Text($"{pool.ReadyCount} of {pool.Slots.Count} workers ready");
        string labels = string.Join(", ", pool.Slots.SelectMany(slot => slot.Workers).Select(worker => worker.Label).Distinct().Order());
        string text = labels.Length > 0 ? $"{workers}, release {labels}" : workers;
        return pool switch
        {
            { Stopping: true } => Text($"stopping, {pool.ProcessCount} workers left"),
            { Rollout: { } rollout } when IsUnderWay(rollout.State) =>
                Text($"{text}; rollout of {rollout.Label}: {rollout.Slots.Count(slot => slot.State == RolledSlotState.Done)} of {rollout.Slots.Count}, {rollout.State}"),
            { Rollout: { State: not RolloutState.Done } rollout } => $"{text}; last rollout ({rollout.Label}): {rollout.State}. {rollout.Message}",
            _ => text,
        };
    }

    private static bool IsUnderWay(RolloutState state) =>
        state is RolloutState.Rolling or RolloutState.Paused or RolloutState.Stopping or RolloutState.RollingBack;

    private static string OneLine(string text)
    {
        string line = string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c));
        return line.Length <= MaxFailure ? line : line[..MaxFailure] + "…";
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
