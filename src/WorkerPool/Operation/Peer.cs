using System.Net.Sockets;
using System.Runtime.InteropServices;
using WorkerPool.Interop;
using static Tmds.Linux.LibC;

namespace WorkerPool.Operation;

/// <summary>The process at the other end, as it was when it connected: the kernel vouches for it, see SO_PEERCRED in unix(7).</summary>
/// <param name="Process">Its number.</param>
/// <param name="User">Its effective user.</param>
/// <param name="Groups">Its effective group and the supplementary ones.</param>
internal sealed record Peer(int Process, uint User, IReadOnlyList<uint> Groups)
{
    private const uint Root = 0;

    /// <summary>The master's own user, root, and the members of the group, if there is one, may give commands.</summary>
    public bool MayCommand(uint masterUser, uint? group) =>
        User == masterUser || User == Root || (group is uint allowed && Groups.Contains(allowed));

    public override string ToString() => $"process {Process} of user {User}";

    /// <exception cref="SocketException">The kernel does not tell.</exception>
    public static unsafe Peer Of(Socket socket)
    {
        Libc.Credentials credentials = default;
        socket.GetRawSocketOption(SOL_SOCKET, Libc.SO_PEERCRED, MemoryMarshal.AsBytes(new Span<Libc.Credentials>(ref credentials)));
        return new Peer(credentials.pid, credentials.uid, [credentials.gid, .. SupplementaryGroups(socket)]);
    }

    // Linux 4.13. The most groups that a process may have is 65,536.
    private static uint[] SupplementaryGroups(Socket socket)
    {
        for (int size = 64; ; size *= 4)
        {
            uint[] groups = new uint[size];
            try
            {
                int bytes = socket.GetRawSocketOption(SOL_SOCKET, Libc.SO_PEERGROUPS, MemoryMarshal.AsBytes(groups.AsSpan()));
                return groups[..(bytes / sizeof(uint))];
            }
            catch (SocketException e) when (e.NativeErrorCode == ERANGE && size < 1 << 17)
            {
            }
        }
    }
}
