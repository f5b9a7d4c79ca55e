using WorkerPool;

namespace ZeroDowntime.View;

/// <summary>How far a rollout is, in characters that every terminal and log has.</summary>
internal static class RolloutBar
{
    private const int Width = 16;

    public static string Draw(RolloutProgress progress)
    {
        int full = Width * progress.Done / Math.Max(1, progress.Total);
        return $"[{new string('#', full)}{new string('.', Width - full)}] {progress.Done}/{progress.Total} {progress.State}:";
    }

    public static string Draw(RolloutStatus rollout) =>
        Draw(new RolloutProgress(rollout.State, rollout.DoneCount, rollout.Slots.Count)).TrimEnd(':');
}
