using WorkerPool;

namespace ZeroDowntime.Rolls;

/// <summary>How a rollout went. Immutable.</summary>
/// <param name="Plan">What was asked for.</param>
/// <param name="Expected">The reason with which it should fail; none if it should not.</param>
/// <param name="Verdict">What the master said.</param>
/// <param name="LeastReady">The smallest number of slots that had a ready worker, at any moment of it.</param>
/// <param name="Detected">If the release failed: from the start of its first worker to the moment in which the master knew.</param>
/// <param name="Restored">From there to the end: every slot runs its old release again.</param>
/// <param name="RunsOld">Whether every slot has a ready worker of another release at the end.</param>
internal sealed record RollResult(
    RolloutPlan Plan, VerdictReason Expected, Verdict Verdict, int LeastReady, TimeSpan? Detected, TimeSpan? Restored, bool RunsOld)
{
    public string Name => $"{Plan.Release.Label}, {(Plan.Order == ReplaceOrder.StopFirst ? "stop-first" : "start-first")}";

    /// <summary>What is wrong, a line each.</summary>
    /// <param name="workers">How many workers the pool has.</param>
    public IEnumerable<string> Faults(int workers)
    {
        Outcome outcome = Expected == VerdictReason.None ? Outcome.Done : Outcome.RolledBack;
        if (Verdict.Outcome != outcome || Verdict.Reason != Expected)
        {
            yield return $"{Name}: {Verdict.Outcome} ({Verdict.Reason}), not {outcome} ({Expected}). {Verdict.Message}";
        }

        if (Verdict.ConnectionsCut > 0)
        {
            yield return $"{Name}: {Verdict.ConnectionsCut} connections were cut at the end of the time to drain.";
        }

        if (LeastReady < workers - Plan.Unavailable)
        {
            yield return $"{Name}: only {LeastReady} of {workers} workers were ready; the plan promises {workers - Plan.Unavailable}.";
        }

        if (Expected != VerdictReason.None && !RunsOld)
        {
            yield return $"{Name}: not every slot runs the old release again.";
        }
    }
}
