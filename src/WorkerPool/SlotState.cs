namespace WorkerPool;

/// <summary>What goes on in a slot.</summary>
public enum SlotState
{
    /// <summary>No worker, on purpose; connections wait in the accept queue.</summary>
    Empty,

    /// <summary>A worker is starting, or will when it is its turn, and no other serves.</summary>
    Starting,

    /// <summary>A worker serves.</summary>
    Ready,

    /// <summary>A worker serves, and its successor starts.</summary>
    Replacing,

    /// <summary>There is a worker, but it has not been heard for too long: it seems to hang.</summary>
    Unresponsive,

    /// <summary>The only worker drains.</summary>
    Draining,

    /// <summary>The worker died; the next one will be started in a while.</summary>
    BackingOff,

    /// <summary>The breaker is open: workers died too often in a row, attempts are rare.</summary>
    Broken,
}
