using System.Globalization;

namespace ZeroDowntime.Measure;

/// <summary>The IPv4 TCP sockets of this network namespace with one local port: /proc/net/tcp, see proc_net(5).</summary>
internal static class SocketTable
{
    private const int Established = 1;
    private const int CloseWait = 8;
    private const int Listening = 10;

    // Columns of a line: "sl local_address rem_address st tx_queue:rx_queue tr:tm->when retrnsmt uid timeout inode ...".
    private const int LocalColumn = 1;
    private const int RemoteColumn = 2;
    private const int StateColumn = 3;
    private const int InodeColumn = 9;

    /// <summary>The inodes of the sockets that listen on the port.</summary>
    public static HashSet<long> ReadListeners(int port) =>
        [.. Read(port).Where(row => row.State == Listening).Select(row => row.Inode)];

    /// <summary>How many connections to the port nobody has accepted yet: they have no inode.</summary>
    public static int CountWaiting(int port) =>
        Read(port).Count(row => row.Inode == 0 && row.State is Established or CloseWait);

    /// <summary>The client's ports of those connections to the port that are in a set of inodes.</summary>
    public static HashSet<int> ReadClientPorts(int port, HashSet<long> inodes) =>
        [.. Read(port).Where(row => row.State != Listening && inodes.Contains(row.Inode)).Select(row => row.RemotePort)];

    private static List<Row> Read(int port)
    {
        List<Row> rows = [];
        Span<Range> columns = stackalloc Range[InodeColumn + 2];
        foreach (string text in File.ReadLines("/proc/net/tcp"))
        {
            ReadOnlySpan<char> line = text;
            int count = line.Split(columns, ' ', StringSplitOptions.RemoveEmptyEntries);
            if (count > InodeColumn && TryReadPort(line[columns[LocalColumn]], out int local) && local == port)
            {
                _ = TryReadPort(line[columns[RemoteColumn]], out int remote);
                rows.Add(new Row(
                    int.Parse(line[columns[StateColumn]], NumberStyles.HexNumber, CultureInfo.InvariantCulture),
                    remote,
                    long.Parse(line[columns[InodeColumn]], CultureInfo.InvariantCulture)));
            }
        }

        return rows;
    }

    // An address is written as "0100007F:1F90".
    private static bool TryReadPort(ReadOnlySpan<char> address, out int port) =>
        int.TryParse(address[(address.IndexOf(':') + 1)..], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out port);

    private readonly record struct Row(int State, int RemotePort, long Inode);
}
