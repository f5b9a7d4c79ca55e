namespace WorkerPool.Processes;

/// <summary>What one cgroup has left of the memory that it is allowed, by the files of the memory controller of cgroup v2.</summary>
/// <remarks>
/// Both limits count. Beyond <c>memory.max</c> the kernel kills. Beyond <c>memory.high</c> it kills nobody, but slows every
/// process of the cgroup down at each allocation: the live workers would pay for the rollout.
/// <para>
/// The page cache is part of <c>memory.current</c>, but gives way to processes. Only <c>inactive_file</c> is counted as
/// free, the pages of files that were used once or long ago. The active ones could be reclaimed too, but they are what
/// the workers run on, their code among them, and shared memory (tmpfs) cannot be. Protection by <c>memory.min</c> of a
/// neighbour within the cgroup is not looked at.
/// </para>
/// </remarks>
internal readonly record struct CgroupMemory(long Left, string Limit)
{
    /// <summary>Null if the cgroup has no limit, or no memory controller.</summary>
    /// <param name="max">The text of memory.max; null: there is no such file, as in the root.</param>
    /// <param name="high">The text of memory.high; may be missing likewise.</param>
    /// <param name="current">The text of memory.current.</param>
    /// <param name="stat">The text of memory.stat.</param>
    public static CgroupMemory? Parse(string? max, string? high, string? current, string? stat)
    {
        // "max" is no number, and so no limit.
        (long? most, long? throttled) = (KernelText.Number(max), KernelText.Number(high));
        if (KernelText.Number(current) is not long used || (most ?? throttled) is null)
        {
            return null;
        }

        bool byHigh = throttled < (most ?? long.MaxValue);
        long limit = byHigh ? throttled!.Value : most!.Value;

        // Read a moment later than the usage, the cache can seem to be more than that.
        long cache = Math.Min(used, KernelText.Bytes(stat ?? "", "inactive_file") ?? 0);
        return new CgroupMemory(Math.Max(0, limit - (used - cache)), byHigh ? "memory.high" : "memory.max");
    }
}
