using System.Globalization;

namespace WorkerPool.FunctionalTests.Support;

/// <summary>The scheduling of the threads of a process, proc_pid_stat(5).</summary>
internal static class Threads
{
    private const int NiceField = 16; // the 19th, less the two before the state

    /// <summary>The nice value of each thread; of none if the process has ended.</summary>
    public static int[] NiceOf(int process)
    {
        try
        {
            return [.. Directory.EnumerateDirectories($"/proc/{process}/task").Select(Nice).OfType<int>()];
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
    }

    private static int? Nice(string thread)
    {
        try
        {
            return int.Parse(File.ReadAllText(thread + "/stat").Split(") ")[^1].Split(' ')[NiceField], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return null; // it ended in the meantime
        }
    }
}
