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

    /// <summary>
    /// Whether the service manager keeps copies of the listening sockets (<c>FDSTORE=1</c> of sd_notify(3)), so that the master
    /// which it starts after this one has crashed, or was restarted, takes them back with what waits in their queues. Needs
    /// <c>NOTIFY_SOCKET</c>, and <c>FileDescriptorStoreMax=</c> of at least one for each slot of each TCP endpoint; Unix endpoints
    /// are not kept. Default false.
    /// </summary>
    /// <remarks>
    /// Only one pool of a process can have it. As long as the service is not stopped the sockets listen, whether there is a
    /// master or not. docs/systemd.md has the whole.
    /// </remarks>
    public bool KeepSockets { get; set; }

    internal SystemdOptions Copy() => (SystemdOptions)MemberwiseClone();
}
