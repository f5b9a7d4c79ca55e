using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace WorkerPool.Sockets;

/// <summary>Finds out who listens on an address, for a message: as well as /proc permits, never throwing.</summary>
internal static class AddressHolder
{
    private const string ListenState = "0A";       // TCP_LISTEN, /proc/net/tcp
    private const string AcceptsFlag = "00010000"; // __SO_ACCEPTCON, /proc/net/unix

    /// <summary>Such as "Process 4711 (nginx)"; null if it cannot be found out.</summary>
    public static string? Find(EndPoint address)
    {
        try
        {
            HashSet<string> links = [.. Inodes(address).Select(LinkOf)];
            return links.Count == 0 ? null : Processes().Select(process => Describe(process, links)).FirstOrDefault(text => text is not null);
        }
        catch (Exception e) when (IsNotPermittedOrGone(e))
        {
            return null;
        }
    }

    /// <summary>Who has a socket other than these that listens on exactly this address; null: nobody, or it cannot be found out.</summary>
    public static string? FindOther(IPEndPoint address, IEnumerable<ulong> known)
    {
        try
        {
            string table = address.AddressFamily == AddressFamily.InterNetworkV6 ? "/proc/net/tcp6" : "/proc/net/tcp";
            HashSet<string> links = [.. TcpInodes(table, address, exactly: true).Except(known.Select(inode => inode.ToString(CultureInfo.InvariantCulture))).Select(LinkOf)];
            return links.Count == 0 ? null : Processes().Select(process => Describe(process, links)).FirstOrDefault(text => text is not null) ?? "Another process";
        }
        catch (Exception e) when (IsNotPermittedOrGone(e))
        {
            return null;
        }
    }

    private static string LinkOf(string inode) => $"socket:[{inode}]";

    private static IEnumerable<string> Inodes(EndPoint address) => address switch
    {
        UnixDomainSocketEndPoint unix => UnixInodes(unix.ToString()),
        IPEndPoint ip => TcpInodes("/proc/net/tcp", ip).Concat(TcpInodes("/proc/net/tcp6", ip)),
        _ => [],
    };

    // Columns: number, local address:port in hexadecimal, remote, state, ..., inode as the tenth. Those that listen come
    // first, and a busy machine has a hundred thousand others.
    private static IEnumerable<string> TcpInodes(string table, IPEndPoint address, bool exactly = false)
    {
        string port = ":" + address.Port.ToString("X4", CultureInfo.InvariantCulture);
        return Rows(table)
            .Skip(1)
            .TakeWhile(row => row.Length > 9 && row[3] == ListenState)
            .Where(row => row[1].EndsWith(port, StringComparison.Ordinal))
            .Where(row => ParseAddress(row[1][..^port.Length]) is IPAddress found && (exactly ? Equal(found, address.Address) : Overlap(found, address.Address)))
            .Select(row => row[9]);
    }

    // Columns: number, references, protocol, flags, type, state, inode, path.
    private static IEnumerable<string> UnixInodes(string path) =>
        Rows("/proc/net/unix")
            .Where(row => row.Length > 7 && row[3] == AcceptsFlag && row[7] == path)
            .Select(row => row[6]);

    private static IEnumerable<string[]> Rows(string table) =>
        File.Exists(table)
            ? File.ReadLines(table).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            : [];

    // The kernel prints 32-bit words of the address in the order of this machine.
    private static IPAddress ParseAddress(string hexadecimal)
    {
        byte[] bytes = Convert.FromHexString(hexadecimal);
        if (BitConverter.IsLittleEndian)
        {
            for (int word = 0; word < bytes.Length; word += sizeof(uint))
            {
                Array.Reverse(bytes, word, sizeof(uint));
            }
        }

        return new IPAddress(bytes);
    }

    private static bool Overlap(IPAddress one, IPAddress other) =>
        IsAny(one) || IsAny(other) || one.MapToIPv6().Equals(other.MapToIPv6())
        || Equal(one, other);

    // Without the scope, which the kernel does not print.
    private static bool Equal(IPAddress one, IPAddress other) => one.GetAddressBytes().AsSpan().SequenceEqual(other.GetAddressBytes());

    private static bool IsAny(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    // This process first: to read all others takes tens of milliseconds.
    private static IEnumerable<string> Processes() =>
        Directory.EnumerateDirectories("/proc").Prepend($"/proc/{Environment.ProcessId}");

    private static string? Describe(string process, HashSet<string> links)
    {
        if (!int.TryParse(Path.GetFileName(process), NumberStyles.None, CultureInfo.InvariantCulture, out int id) || !Holds(process, links))
        {
            return null;
        }

        return id == Environment.ProcessId ? "This very process" : $"Process {id} ({File.ReadAllText(process + "/comm").Trim()})";
    }

    private static bool Holds(string process, HashSet<string> links)
    {
        try
        {
            return Directory.EnumerateFileSystemEntries(process + "/fd")
                .Any(descriptor => new FileInfo(descriptor).LinkTarget is string target && links.Contains(target));
        }
        catch (Exception e) when (IsNotPermittedOrGone(e))
        {
            return false; // another user's process, or one that just ended
        }
    }

    private static bool IsNotPermittedOrGone(Exception e) => e is IOException or UnauthorizedAccessException or FormatException;
}
