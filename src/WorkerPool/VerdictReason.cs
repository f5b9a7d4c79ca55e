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

    /// <summary>The new worker ended soon after it was ready, in the time in which it had to prove itself.</summary>
    ExitedAfterReady,

    /// <summary>The new worker said that it is ready, and was not healthy.</summary>
    ProbeFailed,

    /// <summary>The new worker was not ready within <see cref="PoolOptions.StartDeadline"/>, and was killed.</summary>
    StartDeadlineExceeded,

    /// <summary>The new worker broke the control protocol, and was killed.</summary>
    ProtocolViolation,

    /// <summary>The new worker hung in the time in which it had to prove itself, and was killed; see <see cref="LivenessOptions"/>.</summary>
    HeartbeatMissed,

    /// <summary>Another command works on the same slot, or on the number of slots.</summary>
    Busy,

    /// <summary>The pool has no slot of that number.</summary>
    NoSuchSlot,

    /// <summary>The slot has no worker that could be drained or replaced.</summary>
    SlotEmpty,

    /// <summary>The slot has a worker already.</summary>
    SlotOccupied,

    /// <summary>There is no rollout, or not one to which this can be done.</summary>
    NoRollout,

    /// <summary>The rollout was not done within its deadline.</summary>
    RolloutDeadlineExceeded,

    /// <summary>The memory of the machine does not hold what the plan asks for.</summary>
    NotEnoughMemory,

    /// <summary>It was given up on demand.</summary>
    Aborted,

    /// <summary>The pool does not steer connections.</summary>
    SteeringOff,

    /// <summary>An argument is out of range.</summary>
    InvalidArgument,

    /// <summary>Listening sockets for a new slot could not be made.</summary>
    ListenFailed,

    /// <summary>The pool is stopping or stopped.</summary>
    Stopping,

    /// <summary>Who asked may not give commands to the master.</summary>
    NotPermitted,
}
