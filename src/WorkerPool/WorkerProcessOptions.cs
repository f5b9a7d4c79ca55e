namespace WorkerPool;

/// <summary>
/// As whom the workers run, what they may not do, and what they may take. Nothing is set by default: a worker has all that
/// its master has. See docs/privileges.md for the capabilities that the master needs.
/// </summary>
/// <remarks>
/// Everything is in force before the first instruction of the worker's program. <see cref="Master.StartAsync(PoolOptions, CancellationToken)"/>
/// tries all of it before it opens a socket, and fails with an error that names the option if something is not permitted.
/// </remarks>
public sealed class WorkerProcessOptions
{
    /// <summary>The value in <see cref="Limits"/> for "no limit".</summary>
    public const long Unlimited = long.MaxValue;

    /// <summary>
    /// The user, by name or number, credentials(7). Default: the master's. With a user of the user database the worker also
    /// gets the group and the supplementary groups that it has there, and HOME, LOGNAME, USER and SHELL as systemd.exec(5)
    /// sets them; the release's own environment wins. For a number that is not in the database, <see cref="Group"/> must be
    /// set, and the worker has none of these variables. Looked up once, when the pool starts.
    /// </summary>
    public string? User { get; set; }

    /// <summary>The group, by name or number. Default: that of <see cref="User"/>, or the master's.</summary>
    public string? Group { get; set; }

    /// <summary>Supplementary groups, by name or number, besides those of <see cref="User"/> (without it: the master's). Default: none.</summary>
    public IList<string> SupplementaryGroups { get; private init; } = [];

    /// <summary>The permissions that files which the worker makes do not get, umask(2); the nine of owner, group and others only. Default: the master's.</summary>
    public UnixFileMode? Umask { get; set; }

    /// <summary>
    /// Whether the worker, and whatever it starts, can never gain privileges by an exec, as of a set-user-ID program:
    /// PR_SET_NO_NEW_PRIVS, prctl(2). Default: false; needs no right.
    /// </summary>
    public bool NoNewPrivileges { get; set; }

    /// <summary>
    /// The nice value of a worker, sched(7), −20 (most of the processor) to 19 (least). Default: the master's.
    /// <see cref="PoolOptions.StartNice"/> is added to it while the worker starts.
    /// </summary>
    public int? Nice { get; set; }

    /// <summary>The processors that workers may run on, by their numbers, sched_setaffinity(2). Default (empty): those of the master.</summary>
    public IList<int> Processors { get; private init; } = [];

    /// <summary>
    /// Whether each slot has one processor of its own: slot <c>i</c> the one at index <c>i</c> of <see cref="Processors"/>
    /// (in ascending order), from the first again when there are more slots than processors. Default: false. While a slot is
    /// replaced start-first, the old and the new worker share its processor.
    /// </summary>
    public bool PinSlots { get; set; }

    /// <summary>
    /// What a worker may take at most, setrlimit(2): soft and hard limit alike, 0 to <see cref="Unlimited"/>. Default
    /// (empty): the master's limits.
    /// </summary>
    public IDictionary<ResourceLimit, long> Limits { get; private init; } = new Dictionary<ResourceLimit, long>();

    /// <summary>
    /// A directory in a file system of cgroup v2 that is delegated to the master, cgroups(7); each worker gets a cgroup of its
    /// own in it for as long as it lives. Absolute path. Default: none, the workers are in their master's cgroup.
    /// </summary>
    public string? CgroupParent { get; set; }

    /// <summary>
    /// <c>memory.max</c> of each worker's cgroup: beyond so many bytes the kernel kills the worker. Default: no limit; at least
    /// 1 MiB. Needs <see cref="CgroupParent"/>.
    /// </summary>
    public long? CgroupMemoryMaxBytes { get; set; }

    /// <summary>
    /// <c>cpu.weight</c> of each worker's cgroup, in relation to its neighbours there; 1 to 10,000, the kernel's default is
    /// 100. Needs <see cref="CgroupParent"/>.
    /// </summary>
    public int? CgroupCpuWeight { get; set; }

    internal WorkerProcessOptions Copy() => new()
    {
        User = User,
        Group = Group,
        SupplementaryGroups = [.. SupplementaryGroups],
        Umask = Umask,
        NoNewPrivileges = NoNewPrivileges,
        Nice = Nice,
        Processors = [.. Processors],
        PinSlots = PinSlots,
        Limits = new Dictionary<ResourceLimit, long>(Limits),
        CgroupParent = CgroupParent,
        CgroupMemoryMaxBytes = CgroupMemoryMaxBytes,
        CgroupCpuWeight = CgroupCpuWeight,
    };
}
