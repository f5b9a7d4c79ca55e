namespace WorkerPool.AspNetCore.Connections;

/// <summary>How an idle connection is to leave this worker.</summary>
internal enum Departure
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>Another worker goes on to serve it; its client notices nothing.</summary>
    HandOver,

    /// <summary>It is closed.</summary>
    Close,
}
