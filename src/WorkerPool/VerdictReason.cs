namespace WorkerPool;

/// <summary>Why a command failed or was refused, for programs; <see cref="Verdict.Message"/> is for people.</summary>
public enum VerdictReason
{
    /// <summary>The command is done.</summary>
    None,

    /// <summary>The process could not be started (file not found, no permission, no memory …).</summary>
    SpawnFailed,

    /// <summary>The new worker ended before it was ready.</summary>
    ExitedBeforeReady,

    /// <summary>The new worker was not ready within <see cref="PoolOptions.StartDeadline"/>, and was killed.</summary>
    StartDeadlineExceeded,

    /// <summary>The new worker broke the control protocol, and was killed.</summary>
    ProtocolViolation,

    /// <summary>Another command works on the same slot, or on the number of slots.</summary>
    Busy,

    /// <summary>The pool has no slot of that number.</summary>
    NoSuchSlot,

    /// <summary>The slot has no worker that could be drained or replaced.</summary>
    SlotEmpty,

    /// <summary>The slot has a worker already.</summary>
    SlotOccupied,

    /// <summary>An argument is out of range.</summary>
    InvalidArgument,

    /// <summary>Listening sockets for a new slot could not be made.</summary>
    ListenFailed,

    /// <summary>The pool is stopping or stopped.</summary>
    Stopping,
}
