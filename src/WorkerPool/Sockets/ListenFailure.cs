using System.Globalization;
using System.Net;
using static Tmds.Linux.LibC;

namespace WorkerPool.Sockets;

/// <summary>Says why an address cannot be listened on, and what to do about it.</summary>
internal static class ListenFailure
{
    private const int DefaultFirstUnprivilegedPort = 1024;

    private static readonly Dictionary<int, string> Advices = new()
    {
        [EADDRNOTAVAIL] = "No network interface of this machine has this address; see \"ip address\".",
        [ENODEV] = "The network interface of this address does not exist any more.",
        [EAFNOSUPPORT] = "The kernel does not support this kind of address. Without IPv6, use 0.0.0.0 or *.",
        [EMFILE] = "This process has too many open files. A pool needs one for each slot of each TCP endpoint; "
            + "raise the limit (ulimit -n, or LimitNOFILE= of systemd).",
        [ENFILE] = "The machine has too many open files; raise fs.file-max.",
        [ENOBUFS] = "The kernel is out of memory for sockets.",
        [ENOMEM] = "The kernel is out of memory for sockets.",
        [ENOENT] = "The directory of the socket file does not exist; create it first.",
        [ENOTDIR] = "A part of the path is not a directory.",
        [EROFS] = "The file system is read-only; choose a path on another one, such as /run.",
    };

    public static SystemCallException Of(string call, EndPoint address, int errorNumber, string? advice = null) =>
        new($"{call}({AddressText.Format(address)})", errorNumber, advice ?? Advice(address, errorNumber));

    private static string? Advice(EndPoint address, int errorNumber) =>
        errorNumber == EADDRINUSE ? InUse(address)
        : errorNumber == EACCES || errorNumber == EPERM ? Denied(address)
        : Advices.GetValueOrDefault(errorNumber);

    private static string InUse(EndPoint address)
    {
        string holder = AddressHolder.Find(address) ?? "Another process";
        return $"{holder} listens on {AddressText.Format(address)} already. Stop it, or choose another address.";
    }

    private static string Denied(EndPoint address)
    {
        if (address is IPEndPoint { Port: int port })
        {
            int first = FirstUnprivilegedPort();
            return port < first
                ? $"Port {port} is below {first}: run with CAP_NET_BIND_SERVICE, lower net.ipv4.ip_unprivileged_port_start, or choose a higher port."
                : "A security module (SELinux, AppArmor, a sandbox) forbids it.";
        }

        return "This user must be allowed to write to the directory of the socket file, and to search those above it.";
    }

    private static int FirstUnprivilegedPort()
    {
        try
        {
            string text = File.ReadAllText("/proc/sys/net/ipv4/ip_unprivileged_port_start");
            return int.Parse(text, NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            return DefaultFirstUnprivilegedPort; // only for a message
        }
    }
}
