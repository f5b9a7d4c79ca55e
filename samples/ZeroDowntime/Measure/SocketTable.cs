using System.Globalization;

namespace ZeroDowntime.Measure;

/// <summary>The IPv4 TCP sockets of this network namespace with one local port: /proc/net/tcp, see proc_net(5).</summary>
internal static class SocketTable
{
    private const int Established = 1;
    private const int CloseWait = 8;
    private const int Listening = 10;

    private const string LinkPrefix = "socket:[";

    /// <summary>The inodes of the sockets that listen on the port.</summary>
    public static HashSet<long> ReadListeners(int port) =>
        [.. Read(port).Where(row => row.State == Listening).Select(row => row.Inode)];

    /// <summary>How many connections to the port nobody has accepted yet: they have no inode.</summary>
    public static int CountWaiting(int port) =>
        Read(port).Count(row => row.Inode == 0 && row.State is Established or CloseWait);

    /// <summary>The client's ports of those connections to the port that are in a set of inodes.</summary>
    public static HashSet<int> ReadClientPorts(int port, HashSet<long> inodes) =>
        [.. Read(port).Where(row => row.State != Listening && inodes.Contains(row.Inode)).Select(row => row.RemotePort)];

    /// <summary>The inodes of all sockets that a process holds; empty if it is gone.</summary>
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
            return File.ResolveLinkTarget(descriptor, returnFinalTarget: false)?.Name is string link && link.StartsWith(LinkPrefix, StringComparison.Ordinal)
                ? long.Parse(link.AsSpan()[LinkPrefix.Length..^1], CultureInfo.InvariantCulture)
                : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null; // closed while we looked
        }
    }

    private static IEnumerable<Row> Read(int port)
    {
        string local = $":{port:X4}";
        foreach (string line in File.ReadLines("/proc/net/tcp").Skip(1))
        {
            string[] fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields[1].EndsWith(local, StringComparison.Ordinal))
            {
                yield return new Row(
                    int.Parse(fields[3], NumberStyles.HexNumber, CultureInfo.InvariantCulture),
                    int.Parse(fields[2].AsSpan(fields[2].IndexOf(':') + 1), NumberStyles.HexNumber, CultureInfo.InvariantCulture),
                    long.Parse(fields[9], CultureInfo.InvariantCulture));
            }
        }
    }

    private readonly record struct Row(int State, int RemotePort, long Inode);
}
