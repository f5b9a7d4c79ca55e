using WorkerPool;

namespace ZeroDowntime.Rolls;

/// <summary>The ways in which a release of the demonstration can be bad, and how the master must see each.</summary>
internal static class BadRelease
{
    public const string CrashInBake = "crash-in-bake";

    /// <summary>The label of such a release.</summary>
    public const string Label = "bad";

    public static IReadOnlyDictionary<string, VerdictReason> Kinds { get; } = new Dictionary<string, VerdictReason>
    {
        ["exit"] = VerdictReason.ExitedBeforeReady,
        ["hang"] = VerdictReason.ProbeFailed,
        [CrashInBake] = VerdictReason.ExitedAfterReady,
        ["slow"] = VerdictReason.StartDeadlineExceeded,
    };
}
