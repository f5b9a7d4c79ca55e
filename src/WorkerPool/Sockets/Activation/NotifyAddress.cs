using System.Net.Sockets;

namespace WorkerPool.Sockets.Activation;

/// <summary>Where the service manager listens, sd_notify(3). Pure.</summary>
internal static class NotifyAddress
{
    public const string Variable = "NOTIFY_SOCKET";

    /// <param name="address">As the variable has it: a path, or an abstract name behind <c>@</c>.</param>
    /// <exception cref="NotSupportedException">It is an address of another kind, such as <c>vsock:</c>.</exception>
    /// <exception cref="ArgumentException">It is too long.</exception>
    public static UnixDomainSocketEndPoint Parse(string address) =>
        address.StartsWith('/') ? new UnixDomainSocketEndPoint(address)
        : address.StartsWith('@') && address.Length > 1 ? new UnixDomainSocketEndPoint('\0' + address[1..])
        : throw new NotSupportedException($"{Variable} is \"{address}\"; known are an absolute path and @ with an abstract name.");
}
