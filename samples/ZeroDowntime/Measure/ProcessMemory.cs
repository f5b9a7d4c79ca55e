using System.Globalization;

namespace ZeroDowntime.Measure;

/// <summary>
/// The memory of a process as its proportional share (PSS, see proc_pid_smaps(5)): pages that processes share count once
/// in their sum. The resident size would count them in each.
/// </summary>
internal static class ProcessMemory
{
    private const string Field = "Pss:";
    private const double KilobytesInMegabyte = 1024;

    /// <summary>In units of 2^20 bytes; 0 if the process is gone.</summary>
    public static double ReadMegabytes(int processId)
    {
        try
        {
            string? line = File.ReadLines($"/proc/{processId}/smaps_rollup")
                .FirstOrDefault(line => line.StartsWith(Field, StringComparison.Ordinal));
            return line is null ? 0 : long.Parse(line[Field.Length..^2], CultureInfo.InvariantCulture) / KilobytesInMegabyte;
        }
        catch (IOException)
        {
            return 0; // ENOENT, or ESRCH while reading: it has ended
        }
    }
}
