using System.Globalization;

namespace WorkerPool.Supervision;

/// <summary>A worker that is ready, as far as recycling is concerned.</summary>
/// <param name="Worker">Which.</param>
/// <param name="ReadySince">The time since when it has been ready.</param>
/// <param name="Accepted">How many connections it has accepted.</param>
/// <param name="MemoryBytes">What it takes; null if that is not known.</param>
/// <param name="Chance">A number in [0, 1), drawn once for this worker, that chooses how much of the jitter is taken off.</param>
internal sealed record RecycleCandidate(WorkerKey Worker, TimeSpan ReadySince, long Accepted, long? MemoryBytes, double Chance);

/// <summary>A worker that is to be replaced, and why, as a sentence.</summary>
internal sealed record RecycleDue(WorkerKey Worker, string Reason);

/// <summary>Decides which worker is due to be replaced; see <see cref="RecycleOptions"/>.</summary>
internal sealed class RecyclePolicy(TimeSpan? age, long? connections, long? memoryBytes, double jitter, TimeSpan leastAge)
{
    private const double Mebibyte = 1 << 20;

    // Age tells since when by itself. The other limits are exceeded since they were first seen to be.
    private Dictionary<WorkerKey, TimeSpan> _dueSince = [];

    /// <summary>The one that has been due for the longest, of all workers that are ready; null if none is.</summary>
    public RecycleDue? Next(TimeSpan now, IReadOnlyList<RecycleCandidate> ready)
    {
        var due = (
            from worker in ready
            where now >= worker.ReadySince + leastAge
            let reason = ReasonOf(worker, now)
            where reason is not null
            select (worker.Worker, Since: DueSince(worker, now), Reason: reason)).ToArray();
        _dueSince = due.ToDictionary(one => one.Worker, one => one.Since);
        return due.OrderBy(one => one.Since).ThenBy(one => one.Worker.Slot).Select(one => new RecycleDue(one.Worker, one.Reason)).FirstOrDefault();
    }

    private TimeSpan DueSince(RecycleCandidate worker, TimeSpan now)
    {
        TimeSpan seen = _dueSince.GetValueOrDefault(worker.Worker, now);
        return DueByAge(worker) is TimeSpan byAge && byAge < seen ? byAge : seen;
    }

    private TimeSpan? DueByAge(RecycleCandidate worker) =>
        age is TimeSpan limit ? worker.ReadySince + Later(limit * Part(worker), leastAge) : null;

    private string? ReasonOf(RecycleCandidate worker, TimeSpan now) =>
        DueByAge(worker) <= now
            ? Text($"The worker has been ready for {(now - worker.ReadySince).TotalSeconds:0.#} s; its limit is {(age!.Value * Part(worker)).TotalSeconds:0.#} s.")
        : worker.Accepted >= connections * Part(worker)
            ? Text($"The worker has accepted {worker.Accepted} connections; its limit is {connections * Part(worker):0}.")
        : worker.MemoryBytes >= memoryBytes * Part(worker)
            ? Text($"The worker takes {worker.MemoryBytes / Mebibyte:0.#} MiB; its limit is {memoryBytes * Part(worker) / Mebibyte:0.#} MiB.")
        : null;

    private double Part(RecycleCandidate worker) => 1 - (jitter * worker.Chance);

    private static TimeSpan Later(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
