using System.Globalization;

namespace WorkerPool.WebBenchmarks.Servers;

/// <summary>What a process takes of the memory.</summary>
internal static class ProcessMemory
{
    public static double Megabytes(int process)
    {
        string line = File.ReadLines($"/proc/{process}/smaps_rollup").First(line => line.StartsWith("Pss:", StringComparison.Ordinal));
        return long.Parse(line.AsSpan(4, line.Length - 4 - 2), NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture) / 1024.0;
    }
}
