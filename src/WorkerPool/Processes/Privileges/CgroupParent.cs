using System.Globalization;

namespace WorkerPool.Processes.Privileges;

/// <summary>The directory that was delegated to the master, in which each worker gets its cgroup.</summary>
/// <remarks>
/// A cgroup whose controllers are given on to its children has no processes of its own (the "no internal process" rule): the
/// master has to be in another one, such as a child beside those of the workers.
/// </remarks>
internal sealed class CgroupParent
{
    private const string Prefix = "worker-";
    private const string Control = "cgroup.subtree_control";
    private const string Option = $"{nameof(PoolOptions.Processes)}.{nameof(WorkerProcessOptions.CgroupParent)}";

    private readonly string _path;
    private readonly KeyValuePair<string, string>[] _settings;

    private CgroupParent(string path, KeyValuePair<string, string>[] settings)
    {
        _path = path;
        _settings = settings;
    }

    /// <summary>Takes the directory over: checks it, enables the controllers that are needed, removes what dead masters left.</summary>
    /// <param name="path">The directory.</param>
    /// <param name="memoryMax">For memory.max.</param>
    /// <param name="cpuWeight">For cpu.weight.</param>
    /// <param name="isAlive">Whether there is a process of that number.</param>
    /// <exception cref="ArgumentException">It is no cgroup of version 2.</exception>
    /// <exception cref="IOException">A controller cannot be enabled; the message says what to do.</exception>
    public static CgroupParent Open(string path, long? memoryMax, int? cpuWeight, Func<int, bool> isAlive)
    {
        if (!File.Exists(Path.Combine(path, "cgroup.procs")) || !File.Exists(Path.Combine(path, Control)))
        {
            throw OptionFault.Create(Option, $"{Option} is {path}: that is not a directory of cgroup v2 (it has no cgroup.procs and {Control}). See docs/privileges.md.");
        }

        List<KeyValuePair<string, string>> settings = [];
        if (memoryMax is long bytes)
        {
            Enable(path, "memory");
            settings.Add(new("memory.max", bytes.ToString(CultureInfo.InvariantCulture)));
        }

        if (cpuWeight is int weight)
        {
            Enable(path, "cpu");
            settings.Add(new("cpu.weight", weight.ToString(CultureInfo.InvariantCulture)));
        }

        RemoveOrphans(path, isAlive);
        return new CgroupParent(path, [.. settings]);
    }

    /// <summary>Makes the cgroup of one worker.</summary>
    /// <exception cref="IOException">It could not be made.</exception>
    public WorkerCgroup Create(int slot, int generation) => WorkerCgroup.Create(
        Path.Combine(_path, string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Environment.ProcessId}-{slot}-{generation}")), _settings);

    private static void Enable(string path, string controller)
    {
        string control = Path.Combine(path, Control);
        if (File.ReadAllText(control).Split().Contains(controller))
        {
            return;
        }

        try
        {
            WorkerCgroup.Write(control, "+" + controller);
        }
        catch (IOException e)
        {
            throw new IOException(
                $"{Option} is {path}: the {controller} controller cannot be given on to its children. {e.Message} It must be among {path}/cgroup.controllers (Delegate= of systemd), and no process, the master neither, may be in {path} itself (DelegateSubgroup= of systemd).", e);
        }
    }

    /// <summary>Those of masters that are gone, "worker-MASTER-SLOT-GENERATION"; the kernel keeps those that have processes.</summary>
    private static void RemoveOrphans(string path, Func<int, bool> isAlive)
    {
        foreach (string child in Directory.EnumerateDirectories(path, Prefix + "*").ToArray())
        {
            string[] words = Path.GetFileName(child).Split('-');
            if (words.Length == 4 && int.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out int master) && !isAlive(master))
            {
                _ = WorkerCgroup.TryRemove(child);
            }
        }
    }
}
