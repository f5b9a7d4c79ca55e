using WorkerPool.Supervision;

namespace WorkerPool.Processes;

/// <summary>
/// What further processes of this master may take: the least of what the machine has (<c>MemAvailable</c>,
/// proc_meminfo(5)) and what each cgroup that this process is in has left. Children start in the cgroup of their parent.
/// </summary>
/// <remarks>Swap is not counted: a worker that is swapped serves nobody well. The limits of cgroup v1 are not looked at.</remarks>
internal static class MachineMemory
{
    public static MemoryAmount Read() => Read("/proc");

    /// <param name="proc">Where proc(5) is mounted.</param>
    internal static MemoryAmount Read(string proc)
    {
        IEnumerable<MemoryAmount> cgroups = CgroupPath
            .Directories(TryRead(proc + "/self/cgroup") ?? "", TryRead(proc + "/self/mountinfo") ?? "")
            .Select(OfCgroup)
            .OfType<MemoryAmount>();
        return OfMachine(TryRead(proc + "/meminfo")) is MemoryAmount machine
            ? cgroups.Prepend(machine).MinBy(amount => amount.Bytes)
            : new MemoryAmount(null, $"{proc}/meminfo has no MemAvailable, or may not be read");
    }

    private static MemoryAmount? OfMachine(string? text) =>
        KernelText.Bytes(text ?? "", "MemAvailable") is long bytes ? new MemoryAmount(bytes, "MemAvailable") : null;

    private static MemoryAmount? OfCgroup(string directory)
    {
        CgroupMemory? memory = CgroupMemory.Parse(
            TryRead(directory + "/memory.max"),
            TryRead(directory + "/memory.high"),
            TryRead(directory + "/memory.current"),
            TryRead(directory + "/memory.stat"));
        return memory is CgroupMemory found ? new MemoryAmount(found.Left, $"{found.Limit} of {directory}") : null;
    }

    // The root cgroup has no such files, nor has one without the memory controller; a cgroup can be removed meanwhile.
    private static string? TryRead(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
