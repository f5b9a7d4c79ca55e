using System.Net.Sockets;
using System.Text;
using Tmds.Linux;
using WorkerPool.Interop;
using static Tmds.Linux.LibC;

namespace WorkerPool.Sockets;

/// <summary>The file of a Unix socket that this master made: known by its inode, so that nobody else's is removed.</summary>
internal sealed unsafe class UnixSocketFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly string _path;
    private readonly (ulong Device, ulong Inode) _identity;

    private UnixSocketFile(string path, (ulong Device, ulong Inode) identity)
    {
        _path = path;
        _identity = identity;
    }

    /// <summary>Binds and listens at a path, in place of a stale socket file that may be there.</summary>
    /// <remarks>
    /// All under the lock of the directory, because between bind and listen a live socket looks like a stale one:
    /// <list type="number">
    /// <item><description>what is there? nothing: go on; no socket: error; a socket: connect to it;</description></item>
    /// <item><description>somebody listens: error; refused: stale, remove it;</description></item>
    /// <item><description>the mode on the unbound socket, so that the file never has a wider one; bind; the exact mode; listen.
    /// With a group the mode is the owner's alone until the file has that group.</description></item>
    /// </list>
    /// </remarks>
    public static UnixSocketFile Bind(ListeningSocket socket, UnixDomainSocketEndPoint address, UnixFileMode mode, uint? group = null)
    {
        string path = address.ToString();
        using DirectoryLock _ = DirectoryLock.Acquire(DirectoryOf(path));
        RemoveStale(path, address);
        SystemCall.Check(fchmod(socket.Number, (mode_t)(uint)(group is null ? mode : mode & OwnerOnly)), "fchmod");
        socket.Bind(address);
        if (!TryIdentify(path, out var identity))
        {
            throw ListenFailure.Of("lstat", address, Errno.Last);
        }

        UnixSocketFile file = new(path, identity);
        try
        {
            file.SetGroup(group);
            file.SetExactMode(mode); // bind has taken the bits of the umask away
            socket.Listen();
            return file;
        }
        catch
        {
            file.RemoveIfOwn();
            throw;
        }
    }

    /// <summary>Removes the file, unless somebody else has put another one in its place.</summary>
    public void Remove()
    {
        try
        {
            using DirectoryLock _ = DirectoryLock.Acquire(DirectoryOf(_path));
            RemoveIfOwn();
        }
        catch (SystemCallException)
        {
            // The directory is gone or not ours any more. A file that stays is stale, and the next master takes it over.
        }
    }

    private void RemoveIfOwn()
    {
        if (TryIdentify(_path, out var found) && found == _identity)
        {
            _ = Unlink(_path); // as above: one that stays is stale
        }
    }

    private void SetGroup(uint? group)
    {
        if (group is uint number)
        {
            fixed (byte* path = Terminated(_path))
            {
                SystemCall.Check(lchown(path, uint.MaxValue, number), $"chown({_path}, group {number})",
                    "A master that is not root may give the file only to a group that it is in.");
            }
        }
    }

    private void SetExactMode(UnixFileMode mode)
    {
        fixed (byte* path = Terminated(_path))
        {
            SystemCall.Check(chmod(path, (mode_t)(uint)mode), $"chmod({_path})");
        }
    }

    private static void RemoveStale(string path, UnixDomainSocketEndPoint address)
    {
        stat status;
        if (!TryStat(path, &status))
        {
            if (Errno.Last != ENOENT)
            {
                throw ListenFailure.Of("lstat", address, Errno.Last);
            }

            return;
        }

        if (!S_ISSOCK(status.st_mode))
        {
            throw ListenFailure.Of("bind", address, EADDRINUSE,
                "There is a file that is not a socket. Move it away, or choose another path.");
        }

        ThrowIfServed(address);
        if (Unlink(path) < 0 && Errno.Last != ENOENT)
        {
            throw ListenFailure.Of("unlink", address, Errno.Last);
        }
    }

    private static void ThrowIfServed(UnixDomainSocketEndPoint address)
    {
        using ListeningSocket client = ListeningSocket.Create(address, "", 1);
        int error = client.TryConnect(address);
        if (error == ECONNREFUSED || error == ENOENT)
        {
            return;
        }

        // 0: accepted; EAGAIN: its queue is full; EPROTOTYPE: a socket of another type.
        throw error == 0 || error == EAGAIN || error == EPROTOTYPE
            ? ListenFailure.Of("bind", address, EADDRINUSE)
            : ListenFailure.Of("connect", address, error, "So it is not known whether somebody listens there.");
    }

    private static bool TryIdentify(string path, out (ulong Device, ulong Inode) identity)
    {
        stat status;
        bool found = TryStat(path, &status);
        identity = found ? (status.st_dev, status.st_ino) : default;
        return found;
    }

    private static bool TryStat(string path, stat* status)
    {
        fixed (byte* bytes = Terminated(path))
        {
            return lstat(bytes, status) == 0;
        }
    }

    private static int Unlink(string path)
    {
        fixed (byte* bytes = Terminated(path))
        {
            return unlink(bytes);
        }
    }

    private static byte[] Terminated(string path) => Encoding.UTF8.GetBytes(path + '\0');

    private static string DirectoryOf(string path) => Path.GetDirectoryName(path)!;
}
