using System.Globalization;
using WorkerPool.Interop;
using static Tmds.Linux.LibC;

namespace WorkerPool.Operation;

/// <summary>Groups of this machine, by name or by number.</summary>
internal static unsafe class GroupName
{
    private const int LargestEntry = 1 << 20;

    /// <exception cref="ArgumentException">There is no such group.</exception>
    /// <exception cref="SystemCallException">The groups cannot be looked up.</exception>
    public static uint Resolve(string group) =>
        uint.TryParse(group, NumberStyles.None, CultureInfo.InvariantCulture, out uint number) && number != uint.MaxValue ? number : Find(group);

    // The size of an entry is known to nobody before: it has the names of all members.
    private static uint Find(string name)
    {
        for (int size = 4096; ; size *= 4)
        {
            byte[] buffer = new byte[size];
            fixed (byte* bytes = buffer)
            {
                Libc.GroupEntry entry;
                Libc.GroupEntry* found = null;
                int error = Libc.getgrnam_r(name, &entry, bytes, (nuint)size, &found);
                if (found is not null)
                {
                    return found->gr_gid;
                }

                // getgrnam(3): 0, ENOENT, ESRCH, EBADF or EPERM mean that there is none.
                if (error == 0 || error == ENOENT || error == ESRCH || error == EBADF || error == EPERM)
                {
                    throw new ArgumentException($"There is no group \"{name}\" on this machine.", nameof(name));
                }

                if (error != EINTR && (error != ERANGE || size >= LargestEntry))
                {
                    throw new SystemCallException($"getgrnam_r({name})", error);
                }
            }
        }
    }
}
