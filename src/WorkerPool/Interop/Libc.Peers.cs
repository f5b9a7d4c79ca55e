using System.Runtime.InteropServices;

namespace WorkerPool.Interop;

/// <summary>Who is at the other end of a Unix socket, unix(7).</summary>
internal static partial class Libc
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
}
