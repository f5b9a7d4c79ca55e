namespace WorkerPool;

/// <summary>Which of the two workers goes first when one replaces the other.</summary>
public enum ReplaceOrder
{
    /// <summary>
    /// The successor is ready before the old worker drains. New connections never wait, and a successor that fails
    /// costs nothing; needs memory for one more worker.
    /// </summary>
    StartFirst,

    /// <summary>
    /// The old worker drains and exits before the successor starts. Needs no more memory than the old one had;
    /// new connections of the slot wait in its accept queue meanwhile.
    /// </summary>
    StopFirst,
}
