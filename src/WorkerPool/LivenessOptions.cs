using WorkerPool.Supervision;

namespace WorkerPool;

/// <summary>When a worker that lives and does nothing is taken for hung, and killed; see docs/operating.md.</summary>
/// <remarks>
/// A worker of this library sends heartbeats, each through the same queue of the thread pool that the events of its
/// connections go through: one that comes says that the worker still gets to its work, not that the work is right. A worker in
/// another language that sends none is not held to any. Silence counts only while the master itself ran; a worker that is
/// debugged is left alone, and so is one that still starts (<see cref="PoolOptions.StartDeadline"/>).
/// </remarks>
public sealed class LivenessOptions
{
    internal LivenessOptions()
    {
    }

    /// <summary>Whether workers are held to heartbeats. Default true.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>
    /// How long a worker may be silent. After half of this new connections go to other slots, until it is heard again;
    /// after all of it it is killed, one worker at a time. Default 60 s; at least 1 s. A sixth of it is the time between two
    /// heartbeats. It should be longer than any pause that a worker survives: a blocking collection of garbage, swapping.
    /// </summary>
    public TimeSpan Deadline { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// The time from SIGABRT, at which the runtime or the kernel can write a dump (docs/recipes.md), to SIGKILL. At half of
    /// it comes another SIGABRT: at the first the .NET runtime only writes its dump. Default (null): SIGKILL at once; 0 or more.
    /// </summary>
    public TimeSpan? AbortGrace { get; set; }

    /// <summary>The time between two heartbeats: short enough that one or two may be late before anything follows.</summary>
    internal TimeSpan HeartbeatPeriod => Deadline / AttendedTime.Steps;

    internal LivenessOptions Copy() => (LivenessOptions)MemberwiseClone();
}
