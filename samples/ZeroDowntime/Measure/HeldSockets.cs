using System.Globalization;

namespace ZeroDowntime.Measure;

/// <summary>The sockets that a process holds: /proc/PID/fd, see proc_pid_fd(5).</summary>
internal static class HeldSockets
{
    private const string LinkPrefix = "socket:[";

    /// <summary>Their inodes; empty if the process is gone.</summary>
    public static HashSet<long> ReadInodes(int processId)
    {
        try
        {
            return [.. Directory.GetFiles($"/proc/{processId}/fd").Select(ReadInode).OfType<long>()];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return []; // it has ended: ENOENT, or EACCES while it waits to be collected
        }
    }

    private static long? ReadInode(string descriptor)
    {
        try
        {
            string? link = File.ResolveLinkTarget(descriptor, returnFinalTarget: false)?.Name;
            return link?.StartsWith(LinkPrefix, StringComparison.Ordinal) == true
                ? long.Parse(link.AsSpan()[LinkPrefix.Length..^1], CultureInfo.InvariantCulture)
                : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null; // closed while we looked
        }
    }
}
