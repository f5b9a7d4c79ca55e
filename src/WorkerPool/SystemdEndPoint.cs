using System.Net;

namespace WorkerPool;

/// <summary>
/// The listening socket, or sockets, that the service manager passes under a name, sd_listen_fds(3); as text
/// <c>systemd:NAME</c>. Where it listens is known when the pool has started, see <see cref="Master.GetEndPoint"/>.
/// Immutable.
/// </summary>
public sealed class SystemdEndPoint : EndPoint
{
    private const int MaxNameLength = 255;

    /// <summary>The sockets of a name.</summary>
    /// <param name="socketName">
    /// What <c>FileDescriptorName=</c> of the <c>.socket</c> unit says, by default the name of the unit: 1 to 255 printable
    /// ASCII characters without colon, see systemd.socket(5).
    /// </param>
    /// <exception cref="FormatException">No socket can have this name.</exception>
    public SystemdEndPoint(string socketName)
    {
        ArgumentNullException.ThrowIfNull(socketName);
        if (!IsValid(socketName))
        {
            throw new FormatException(
                $"\"{socketName}\" cannot be the name of a socket of systemd. Expected 1 to {MaxNameLength} printable ASCII characters without colon, as FileDescriptorName= has it.");
        }

        SocketName = socketName;
    }

    /// <summary>The name of the socket.</summary>
    public string SocketName { get; }

    /// <summary>Whether the other one is of the same name.</summary>
    public override bool Equals(object? obj) => obj is SystemdEndPoint other && other.SocketName == SocketName;

    /// <inheritdoc/>
    public override int GetHashCode() => SocketName.GetHashCode(StringComparison.Ordinal);

    /// <summary><c>systemd:NAME</c>.</summary>
    public override string ToString() => Sockets.AddressText.SystemdPrefix + SocketName;

    /// <summary>Whether the service manager can give a descriptor this name.</summary>
    internal static bool IsValid(string name) => name.Length is > 0 and <= MaxNameLength && name.All(c => c is >= ' ' and <= '~' and not ':');
}
