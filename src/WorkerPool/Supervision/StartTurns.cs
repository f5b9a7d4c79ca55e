namespace WorkerPool.Supervision;

/// <summary>
/// Lets only so many workers start at a time: each start compiles and fills caches, and many at once would all be late,
/// where one after the other the first serve soon.
/// </summary>
/// <param name="parallel">How many may start at a time.</param>
/// <param name="longest">How long one may keep the others waiting; one that hangs must not keep dead slots dead.</param>
internal sealed class StartTurns(int parallel, TimeSpan longest)
{
    private readonly List<WorkerLife> _waiting = [];

    public void Add(WorkerLife worker) => _waiting.Add(worker);

    /// <summary>Those who were told to go before it was their turn; they have no process that could end.</summary>
    public IReadOnlyList<WorkerLife> TakeCancelled() => Take(_waiting.Where(worker => worker.State != WorkerState.Starting));

    /// <summary>Those whose turn it is: first for slots where nobody accepts, then in the order in which they came.</summary>
    public IReadOnlyList<WorkerLife> TakeDue(IReadOnlyList<SlotLife> slots, TimeSpan now)
    {
        int free = _waiting.Count == 0 ? 0 : Math.Max(0, parallel - slots.Sum(slot => slot.StartingSince(now - longest)));
        return Take(_waiting.OrderBy(worker => slots[worker.Key.Slot].Accepts).Take(free));
    }

    /// <summary>When the next turn comes, if nobody gets ready or ends before; <see langword="null"/>: nobody waits.</summary>
    public TimeSpan? Next(IReadOnlyList<SlotLife> slots, TimeSpan now) =>
        _waiting.Count == 0 ? null : slots.Min(slot => slot.FirstStartSince(now - longest)) + longest;

    private WorkerLife[] Take(IEnumerable<WorkerLife> chosen)
    {
        if (_waiting.Count == 0)
        {
            return [];
        }

        WorkerLife[] taken = [.. chosen];
        _waiting.RemoveAll(taken.Contains);
        return taken;
    }
}
