namespace WorkerPool;

/// <summary>How a command ended.</summary>
public enum Outcome
{
    /// <summary>The pool is in the state that was asked for.</summary>
    Done,

    /// <summary>The command was tried and did not succeed; the verdict says why, and what the pool did then.</summary>
    Failed,

    /// <summary>The command was tried and did not succeed, and everything is as it was before.</summary>
    RolledBack,

    /// <summary>The command was not tried, because it did not fit the state of the pool. Nothing changed.</summary>
    Refused,
}
