namespace WorkerPool;

/// <summary>What the master does when it gets a signal; see <see cref="SignalOptions"/>.</summary>
public enum SignalAction
{
    /// <summary>The pool does not touch the signal: it has its default effect, or the one that the host gives it.</summary>
    Untouched,

    /// <summary>Nothing, and the signal's default effect is prevented.</summary>
    Ignore,

    /// <summary>
    /// A rollout, as <see cref="PoolOptions.PlanRollout"/> plans it; if all slots are empty, each gets a worker of that
    /// release. While a rollout is under way: refused with a warning, or see <see cref="SignalOptions.SupersedeRollout"/>.
    /// </summary>
    Roll,

    /// <summary>The pool stops gracefully; when it stops already, at once.</summary>
    Stop,

    /// <summary>The pool stops at once: connections are cut.</summary>
    StopNow,

    /// <summary>One worker more.</summary>
    ScaleUp,

    /// <summary>One worker less, at least one.</summary>
    ScaleDown,

    /// <summary>
    /// All workers are drained and the slots stay empty; the master keeps the listening sockets, and clients wait in the
    /// accept queues until there are workers again (<see cref="Roll"/> starts them).
    /// </summary>
    DrainAll,

    /// <summary>The workers are told to open their log files anew, see <see cref="Master.ReopenLogsAsync"/>.</summary>
    ReopenLogs,

    /// <summary>Reserved for the replacement of the master itself; for now the master says so and does nothing.</summary>
    Upgrade,
}
