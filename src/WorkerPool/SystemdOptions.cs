namespace WorkerPool;

/// <summary>
/// How the master works with systemd, or whatever else speaks its protocol, sd_notify(3). Nothing happens
/// where the environment does not ask for it. See docs/systemd.md.
/// </summary>
public sealed class SystemdOptions
{
    internal SystemdOptions()
    {
    }

    /// <summary>
    /// Whether the service manager is told what the pool does, if <c>NOTIFY_SOCKET</c> is set: <c>READY=1</c> when all workers are
    /// ready, <c>RELOADING=1</c> during a rollout by a signal, <c>STOPPING=1</c>, a <c>STATUS=</c> line, and <c>WATCHDOG=1</c>
    /// at half the period if it watches. Default true.
    /// </summary>
    public bool Notify { get; set; } = true;

    internal SystemdOptions Copy() => (SystemdOptions)MemberwiseClone();
}
