using System.Runtime.InteropServices;

namespace WorkerPool.Interop;

/// <summary>The databases of users and groups: getpwnam(3), getgrnam(3), getgrouplist(3).</summary>
internal static unsafe partial class Libc
{
    /// <summary>An entry of the user database, pwd.h: 48 bytes.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct struct_passwd
    {
        public byte* pw_name;
        public byte* pw_passwd;
        public uint pw_uid;
        public uint pw_gid;
        public byte* pw_gecos;
        public byte* pw_dir;
        public byte* pw_shell;
    }

    /// <summary>An entry of the group database, grp.h: 32 bytes.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct struct_group
    {
        public byte* gr_name;
        public byte* gr_passwd;
        public uint gr_gid;
        public byte** gr_mem;
    }

    // These give the error number back; no entry is no error, and a null result.
    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int getpwnam_r(string name, struct_passwd* entry, byte* buffer, nuint size, struct_passwd** result);

    [LibraryImport(Library)]
    public static partial int getpwuid_r(uint user, struct_passwd* entry, byte* buffer, nuint size, struct_passwd** result);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int getgrnam_r(string name, struct_group* entry, byte* buffer, nuint size, struct_group** result);

    /// <summary>-1: there are more than fit; the count is then how many.</summary>
    [LibraryImport(Library)]
    public static partial int getgrouplist(byte* user, uint group, uint* groups, int* count);
}
