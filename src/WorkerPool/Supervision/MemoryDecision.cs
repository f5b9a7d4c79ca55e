namespace WorkerPool.Supervision;

/// <summary>Which way of replacing workers the memory allows.</summary>
internal enum MemoryFit
{
    /// <summary>So many workers more may run at once as <see cref="MemoryDecision.Surge"/> says.</summary>
    StartFirst,

    /// <summary>A worker may start only when one has ended.</summary>
    StopFirst,

    /// <summary>Not even that: what one worker leaves is too little for the next.</summary>
    Nothing,
}

/// <summary>What the memory allows, and why.</summary>
/// <param name="Fit">Which way.</param>
/// <param name="Surge">How many workers more may run at once: at most as many as were asked for, 0 unless start-first fits.</param>
/// <param name="Reason">A sentence with the figures.</param>
internal sealed record MemoryDecision(MemoryFit Fit, int Surge, string Reason);
