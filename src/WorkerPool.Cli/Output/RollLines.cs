using System.Globalization;

namespace WorkerPool.Cli.Output;

/// <summary>
/// The events of a rollout as lines. The last event has none, because the verdict comes next; and what the line before
/// said, such as why a slot failed, is not said again.
/// </summary>
internal sealed class RollLines
{
    private string _before = "";

    /// <returns>Null: nothing new.</returns>
    public string? Of(PoolEvent happened)
    {
        if (happened.Kind == PoolEventKind.RolloutEnded)
        {
            return null;
        }

        string message = _before.Length > 0 && happened.Message.EndsWith(_before, StringComparison.Ordinal)
            ? happened.Message[..^_before.Length].TrimEnd()
            : happened.Message;
        _before = happened.Message;
        string progress = happened.Rollout is RolloutProgress rollout ? Text($" {rollout.Done}/{rollout.Total}") : "";
        return Harmless.Text(Text($"{happened.Time.ToLocalTime():HH:mm:ss}{progress} {message}"));
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
