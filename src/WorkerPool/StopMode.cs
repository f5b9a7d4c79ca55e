namespace WorkerPool;

/// <summary>How a pool stops.</summary>
public enum StopMode
{
    /// <summary>The workers serve what waits in their accept queues, finish what they have, and exit.</summary>
    Graceful,

    /// <summary>The workers are told to exit at once; what they serve is cut.</summary>
    Immediate,
}
