using System.Globalization;
using WorkerPool.Supervision;

namespace WorkerPool.Processes;

/// <summary>
/// What one process takes of the machine's memory: its proportional set size (PSS, proc_pid_smaps(5)), in which a page
/// that n processes share counts as one n-th, so that the workers of a release can be added up. Never throws for a
/// process that is gone or not ours.
/// </summary>
/// <remarks>
/// The kernel walks all the pages of the process and holds its mmap lock for reading meanwhile, so a page fault that has
/// to change the map waits. docs/benchmarks.md has what it costs: ask at decisions, not all the time.
/// </remarks>
internal static class ProcessMemory
{
    public static MemoryAmount Read(int processId)
    {
        string directory = string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}");
        try
        {
            return FromRollup(File.ReadAllText(directory + "/smaps_rollup"));
        }
        catch (UnauthorizedAccessException)
        {
            // A worker that changed its user is not dumpable, and only a privileged master may look; see ptrace(2).
            return ReadStatm(directory);
        }
        catch (IOException)
        {
            return Gone;
        }
    }

    /// <summary>The proportional set size with what is swapped out, in bytes; null if the process is gone or may not be looked at.</summary>
    public static long? ReadProportional(int processId)
    {
        try
        {
            return FromRollup(File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/smaps_rollup"))).Bytes;
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            return null;
        }
    }

    private static MemoryAmount Gone => new(null, "the process has ended");

    /// <summary>With what was swapped out: a successor would have that in memory.</summary>
    internal static MemoryAmount FromRollup(string text) =>
        KernelText.Bytes(text, "Pss") is long pss
            ? new MemoryAmount(pss + (KernelText.Bytes(text, "SwapPss") ?? 0), "proportional set size")
            : new MemoryAmount(null, "smaps_rollup has no Pss");

    /// <summary>
    /// What is resident and not shared; everybody may read that. Less than the proportional set size by the part in
    /// shared pages, which a successor of the same release shares as well.
    /// </summary>
    internal static MemoryAmount FromStatm(string text, long pageSize)
    {
        string[] words = text.Split(' ');
        return words.Length < 3 || KernelText.Number(words[1]) is not long resident || KernelText.Number(words[2]) is not long shared
            ? new MemoryAmount(null, "statm is not understood")
            : resident == 0 ? Gone // a zombie, whose memory is free
            : new MemoryAmount(Math.Max(0, resident - shared) * pageSize, "resident and not shared, because smaps_rollup may not be read");
    }

    private static MemoryAmount ReadStatm(string directory)
    {
        try
        {
            return FromStatm(File.ReadAllText(directory + "/statm"), Environment.SystemPageSize);
        }
        catch (UnauthorizedAccessException)
        {
            return new MemoryAmount(null, $"{directory}/smaps_rollup and statm may not be read"); // mounted with hidepid
        }
        catch (IOException)
        {
            return Gone;
        }
    }
}
