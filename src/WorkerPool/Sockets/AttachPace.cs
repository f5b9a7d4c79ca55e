namespace WorkerPool.Sockets;

/// <summary>
/// Bounds how fast programs replace each other: some at once, then a steady rate. The kernel frees a replaced program
/// later, in a work item, and deadlocks when a thousand of them wait at once (seen with Linux 6.18: <c>bpf_prog_pack_free</c>
/// waits for work on the queue that it has filled). After that no process of the machine can attach any program.
/// </summary>
/// <param name="burst">How many may follow each other without a wait.</param>
/// <param name="period">The time between two of them in the long run.</param>
internal sealed class AttachPace(int burst, TimeSpan period)
{
    private TimeSpan _full; // when the burst will be whole again

    /// <summary>Takes one; says how long to wait first.</summary>
    public TimeSpan Take(TimeSpan now)
    {
        TimeSpan start = _full > now ? _full : now;
        TimeSpan wait = start - now - ((burst - 1) * period);
        _full = start + period;
        return wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
    }
}
