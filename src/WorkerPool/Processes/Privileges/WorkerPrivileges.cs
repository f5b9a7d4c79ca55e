using WorkerPool.Supervision;

namespace WorkerPool.Processes.Privileges;

/// <summary>What <see cref="WorkerProcessOptions"/> mean on this machine: names looked up once, and everything tried once.</summary>
internal sealed class WorkerPrivileges
{
    private readonly ChildSettings _settings;
    private readonly CgroupParent? _cgroups;
    private readonly bool _pin;

    private WorkerPrivileges(ChildSettings settings, CgroupParent? cgroups, bool pin)
    {
        _settings = settings;
        _cgroups = cgroups;
        _pin = pin;
    }

    /// <summary>Resolves the options, and rehearses: a child gets all of it, and ends without having run anything.</summary>
    /// <exception cref="ArgumentException">An option means nothing here; the message names it.</exception>
    /// <exception cref="IOException">Something is not permitted; the message names the option and says what to do.</exception>
    public static WorkerPrivileges Prepare(WorkerProcessOptions options)
    {
        ChildUser? user = IdentityLookup.Resolve(options);
        ChildSettings settings = new()
        {
            User = user is null || IdentityLookup.IsOwn(user) ? null : user,
            Environment = user?.Environment ?? ChildSettings.Inherited.Environment,
            Umask = (uint?)options.Umask,
            NoNewPrivileges = options.NoNewPrivileges,
            Nice = options.Nice,
            Processors = options.Processors.Count > 0 ? [.. options.Processors.Distinct().Order()]
                : options.PinSlots ? ProcessorSet.OfThisProcess()
                : null,
            Limits = [.. options.Limits],
        };
        CgroupParent? cgroups = options.CgroupParent is null ? null
            : CgroupParent.Open(options.CgroupParent, options.CgroupMemoryMaxBytes, options.CgroupCpuWeight, id => Directory.Exists($"/proc/{id}"));
        WorkerPrivileges privileges = new(settings, cgroups, options.PinSlots);
        privileges.Rehearse();
        return privileges;
    }

    /// <summary>The nice value of workers, if it is not the master's.</summary>
    public int? Nice => _settings.Nice;

    /// <summary>Whether workers have another user than the master.</summary>
    public bool HaveOtherUser => _settings.User is not null;

    /// <summary>Makes the cgroup for a worker; null: it has none of its own.</summary>
    /// <exception cref="IOException">It could not be made.</exception>
    public WorkerCgroup? CreateCgroup(WorkerKey worker) => _cgroups?.Create(worker.Slot, worker.Generation);

    public ChildSettings For(WorkerKey worker, WorkerCgroup? cgroup) => _settings with
    {
        Processors = _pin ? [_settings.Processors![worker.Slot % _settings.Processors.Count]] : _settings.Processors,
        Cgroup = cgroup?.Path,
    };

    private void Rehearse()
    {
        WorkerCgroup? cgroup = _cgroups?.Create(slot: 0, generation: 0);
        try
        {
            if (_settings.NeedThread || cgroup is not null)
            {
                Spawner.Rehearse(_settings with { Cgroup = cgroup?.Path });
            }
        }
        finally
        {
            // Empty at once or a little later: the first worker to end, or the next master, removes what is left.
            _ = cgroup?.RemoveAsync(TimeProvider.System);
        }
    }
}
