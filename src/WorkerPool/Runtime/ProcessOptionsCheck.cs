using WorkerPool.Processes.Privileges;

namespace WorkerPool.Runtime;

/// <summary>Says which of the options of worker processes makes no sense anywhere; what this machine permits is found out later.</summary>
internal static class ProcessOptionsCheck
{
    private const UnixFileMode Permissions = (UnixFileMode)0x1FF; // rwxrwxrwx
    private const long LeastMemory = 1 << 20;

    public static void Check(WorkerProcessOptions options)
    {
        Range(nameof(options.Nice), options.Nice ?? 0, -20, 19);
        Range(nameof(options.CgroupMemoryMaxBytes), options.CgroupMemoryMaxBytes ?? LeastMemory, LeastMemory, long.MaxValue);
        Range(nameof(options.CgroupCpuWeight), options.CgroupCpuWeight ?? 1, 1, 10_000);
        foreach (int processor in options.Processors)
        {
            Range(nameof(options.Processors), processor, 0, ProcessorSet.MaxCount - 1);
        }

        foreach ((ResourceLimit resource, long value) in options.Limits)
        {
            Require(Enum.IsDefined(resource), nameof(options.Limits), $"has the unknown limit {(int)resource}; see {nameof(ResourceLimit)}");
            Range($"{nameof(options.Limits)}[{resource}]", value, 0, WorkerProcessOptions.Unlimited);
        }

        Require(((options.Umask ?? 0) & ~Permissions) == 0, nameof(options.Umask), $"is {options.Umask}; a mask has the permissions of owner, group and others only");
        Require(options.CgroupParent is null || Path.IsPathRooted(options.CgroupParent), nameof(options.CgroupParent), $"is \"{options.CgroupParent}\"; give an absolute path");
        Require(
            options.CgroupParent is not null || options is { CgroupMemoryMaxBytes: null, CgroupCpuWeight: null },
            nameof(options.CgroupParent),
            $"is not set, but {nameof(options.CgroupMemoryMaxBytes)} or {nameof(options.CgroupCpuWeight)} is; set it, or neither");
    }

    private static void Range<T>(string name, T value, T least, T most)
        where T : IComparable => OptionsCheck.Range(NameOf(name), value, least, most);

    private static void Require(bool condition, string name, string fault)
    {
        if (!condition)
        {
            throw new ArgumentException($"{NameOf(name)} {fault}.", NameOf(name));
        }
    }

    private static string NameOf(string option) => $"{nameof(PoolOptions.Processes)}.{option}";
}
