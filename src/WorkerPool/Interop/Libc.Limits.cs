using System.Runtime.InteropServices;

namespace WorkerPool.Interop;

/// <summary>Limits of another process, prlimit(2).</summary>
internal static unsafe partial class Libc
{
    /// <summary>Two numbers, the soft and the hard limit: 16 bytes.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct struct_rlimit
    {
        public ulong rlim_cur;
        public ulong rlim_max;
    }

    [LibraryImport(Library, SetLastError = true)]
    public static partial int prlimit(int process, int resource, struct_rlimit* limit, struct_rlimit* old);
}
