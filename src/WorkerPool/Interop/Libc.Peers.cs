using System.Runtime.InteropServices;

namespace WorkerPool.Interop;

/// <summary>Who is at the other end of a Unix socket, and the numbers of groups: unix(7), getgrnam(3).</summary>
internal static unsafe partial class Libc
{
    // asm-generic/socket.h
    public const int SO_PEERCRED = 17;
    public const int SO_PEERGROUPS = 59;

    /// <summary>struct ucred, unix(7): 12 bytes.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Credentials
    {
        public int pid;
        public uint uid;
        public uint gid;
    }

    /// <summary>struct group, grp.h: 32 bytes.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct GroupEntry
    {
        public byte* gr_name;
        public byte* gr_passwd;
        public uint gr_gid;
        public byte** gr_mem;
    }

    /// <summary>Gives the error number; found if the result is not null.</summary>
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int getgrnam_r(string name, GroupEntry* entry, byte* buffer, nuint length, GroupEntry** result);
}
