namespace WorkerPool.Processes.Privileges;

/// <summary>What a child has otherwise than this process; all of it resolved, so that a spawn only applies it.</summary>
internal sealed record ChildSettings
{
    public static ChildSettings Inherited { get; } = new();

    /// <summary>Its credentials; null: those of this process.</summary>
    public ChildUser? User { get; init; }

    /// <summary>What its environment says of its user; null: the variable is removed. The release's own wins.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    public uint? Umask { get; init; }

    public bool NoNewPrivileges { get; init; }

    public int? Nice { get; init; }

    /// <summary>The processors that it may run on; null: those of this process.</summary>
    public IReadOnlyList<int>? Processors { get; init; }

    public IReadOnlyList<KeyValuePair<ResourceLimit, long>> Limits { get; init; } = [];

    /// <summary>The directory of its cgroup; null: that of this process.</summary>
    public string? Cgroup { get; init; }

    /// <summary>Whether it differs in what a child inherits from the thread that spawns it.</summary>
    public bool NeedThread => User is not null || Umask is not null || NoNewPrivileges || Nice is not null || Processors is not null || NeedGate;

    /// <summary>Whether it differs in what belongs to a process, so that it must exist first, and not run yet.</summary>
    public bool NeedGate => Limits.Count > 0 || Cgroup is not null;
}
