using System.Runtime.InteropServices;

namespace WorkerPool.Interop;

/// <summary>
/// What the kernel keeps for each thread, and glibc makes a property of the process: credentials(7). The calls here
/// change the calling thread alone, because they go around glibc, nptl(7).
/// </summary>
internal static unsafe partial class Libc
{
    // unshare(2)
    public const int CLONE_FS = 0x200;

    // prctl(2)
    public const int PR_GET_DUMPABLE = 3;
    public const int PR_SET_DUMPABLE = 4;
    public const int PR_SET_NAME = 15;
    public const int PR_SET_CHILD_SUBREAPER = 36;
    public const int PR_SET_NO_NEW_PRIVS = 38;

    private static readonly bool IsX64 = RuntimeInformation.ProcessArchitecture == Architecture.X64;

    // asm/unistd_64.h of x86-64, asm-generic/unistd.h of arm64
    private static int SYS_setresuid => IsX64 ? 117 : 147;

    private static int SYS_setresgid => IsX64 ? 119 : 149;

    private static int SYS_setgroups => IsX64 ? 116 : 159;

    /// <summary>Real, effective and saved user of this thread.</summary>
    public static int ThreadSetUser(uint user) => (int)syscall(SYS_setresuid, (nint)user, (nint)user, (nint)user, 0);

    /// <summary>Real, effective and saved group of this thread.</summary>
    public static int ThreadSetGroup(uint group) => (int)syscall(SYS_setresgid, (nint)group, (nint)group, (nint)group, 0);

    /// <summary>Supplementary groups of this thread.</summary>
    public static int ThreadSetGroups(nint count, uint* groups) => (int)syscall(SYS_setgroups, count, (nint)groups, 0, 0);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int unshare(int flags);

    /// <summary>Cannot fail; gives the old mask back.</summary>
    [LibraryImport(Library)]
    public static partial uint umask(uint mask);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int prctl(int option, nint a, nint b, nint c, nint d);

    /// <summary>The mask is a set of bits, one for each processor; 0 is the calling thread.</summary>
    [LibraryImport(Library, SetLastError = true)]
    public static partial int sched_setaffinity(int thread, nuint size, byte* mask);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int sched_getaffinity(int thread, nuint size, byte* mask);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int getgroups(int count, uint* groups);
}
