namespace WorkerPool;

/// <summary>What happened in a pool.</summary>
public enum PoolEventKind
{
    /// <summary>A worker process was started.</summary>
    WorkerSpawned,

    /// <summary>A worker said that it accepts connections.</summary>
    WorkerReady,

    /// <summary>New connections go to other slots; the worker still serves those that have begun, and drains then.</summary>
    WorkerWithdrawn,

    /// <summary>A worker was not heard for half of <see cref="LivenessOptions.Deadline"/>: new connections go to other slots.</summary>
    WorkerUnresponsive,

    /// <summary>A worker that was unresponsive was heard again.</summary>
    WorkerRecovered,

    /// <summary>A worker is due to be replaced, by age, connections or memory.</summary>
    WorkerDue,

    /// <summary>A worker was asked to drain.</summary>
    WorkerDraining,

    /// <summary>A worker reached its drain deadline and was told to stop what it still does.</summary>
    WorkerStopping,

    /// <summary>The master sent a signal to a worker that did not end by itself, or that hangs.</summary>
    WorkerSignalled,

    /// <summary>A worker process ended.</summary>
    WorkerExited,

    /// <summary>A worker broke the control protocol.</summary>
    ProtocolViolation,

    /// <summary>A worker process could not be started.</summary>
    SpawnFailed,

    /// <summary>The next start of a worker in a slot was put off.</summary>
    RespawnScheduled,

    /// <summary>A slot's workers died too often in a row; attempts to start one are rare from now on.</summary>
    BreakerOpened,

    /// <summary>A slot whose breaker was open has a worker that stays.</summary>
    BreakerClosed,

    /// <summary>A listening socket that a worker had damaged was repaired.</summary>
    SocketHealed,

    /// <summary>A slot was added at the end of the pool.</summary>
    SlotAdded,

    /// <summary>A slot was taken from the end of the pool.</summary>
    SlotRemoved,

    /// <summary>Connections that arrived at a removed slot, or that a draining worker handed over, were passed on to live workers.</summary>
    ConnectionsPassed,

    /// <summary>Dead workers are not started again until further notice.</summary>
    RespawnSuspended,

    /// <summary>Dead workers are started again.</summary>
    RespawnResumed,

    /// <summary>A rollout began.</summary>
    RolloutBegan,

    /// <summary>A slot has a worker of the new release, which is watched for a while.</summary>
    RolloutSlotSwitched,

    /// <summary>A slot runs the new release for good.</summary>
    RolloutSlotDone,

    /// <summary>The new release failed in a slot.</summary>
    RolloutSlotFailed,

    /// <summary>A rollout waits.</summary>
    RolloutPaused,

    /// <summary>A rollout goes on.</summary>
    RolloutResumed,

    /// <summary>A rollout was given up; what has begun is finished.</summary>
    RolloutStopping,

    /// <summary>A rollout was given up; the slots get their previous releases back.</summary>
    RollBackBegan,

    /// <summary>A slot runs its previous release again.</summary>
    RolloutSlotRestored,

    /// <summary>A rollout is over; the verdict has everything.</summary>
    RolloutEnded,

    /// <summary>A command got its verdict.</summary>
    CommandEnded,

    /// <summary>The master got a signal, and begins to do what it means.</summary>
    SignalReceived,

    /// <summary>The workers were told to open their log files anew.</summary>
    ReopeningLogs,

    /// <summary>Something that an operator should look at, and that does not stop the pool.</summary>
    Warning,

    /// <summary>The pool began to stop.</summary>
    PoolStopping,

    /// <summary>The last worker has ended. No further event follows.</summary>
    PoolStopped,
}
