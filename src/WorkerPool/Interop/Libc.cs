using System.Runtime.InteropServices;

namespace WorkerPool.Interop;

/// <summary>The libc calls that Tmds.LibC lacks; names and meaning as in the manual pages, glibc ≥ 2.34.</summary>
internal static unsafe partial class Libc
{
    private const string Library = "libc.so.6";

    // waitid(2)
    public const int P_ALL = 0;
    public const int P_PID = 1;
    public const int P_PIDFD = 3;
    public const int WEXITED = 4;
    public const int WNOHANG = 1;
    public const int WNOWAIT = 0x01000000;
    public const int CLD_EXITED = 1;
    public const int CLD_KILLED = 2;
    public const int CLD_DUMPED = 3;

    // posix_spawnattr_setflags(3)
    public const short POSIX_SPAWN_SETPGROUP = 0x02;
    public const short POSIX_SPAWN_SETSIGDEF = 0x04;
    public const short POSIX_SPAWN_SETSIGMASK = 0x08;

    // pidfd ioctls, linux/pidfd.h: _IOWR(0xFF, 11, struct pidfd_info), here with the size of its first version
    public const uint PIDFD_GET_INFO = 0xC040FF0B;
    public const ulong PIDFD_INFO_EXIT = 1UL << 3;

    // asm-generic/socket.h
    public const int SO_ATTACH_REUSEPORT_CBPF = 51;
    public const int SO_BINDTOIFINDEX = 62;
    public const int SO_DETACH_REUSEPORT_BPF = 68;

    // ioctl_tty(2); of a unix(7) socket, the bytes of all messages that wait
    public const uint FIONREAD = 0x541B;

    // tcp(7), where it is SIOCOUTQ: what the other end has not acknowledged
    public const uint TIOCOUTQ = 0x5411;

    // flock(2)
    public const int LOCK_EX = 2;
    public const int LOCK_NB = 4;

    private const int SYS_pidfd_send_signal = 424;
    private const int SYS_pidfd_open = 434;

    /// <summary>Opaque; glibc's is 336 bytes, musl's 336.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 512)]
    public struct posix_spawnattr_t;

    /// <summary>Opaque; glibc's is 80 bytes.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 128)]
    public struct posix_spawn_file_actions_t;

    /// <summary>1024 bits, as glibc's sigset_t.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 128)]
    public struct sigset_t;

    /// <summary>The part of siginfo_t that waitid fills; the whole is 128 bytes.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 128)]
    public struct siginfo_t
    {
        [FieldOffset(0)] public int si_signo;
        [FieldOffset(8)] public int si_code;
        [FieldOffset(16)] public int si_pid;
        [FieldOffset(24)] public int si_status;
    }

    /// <summary>struct pidfd_info, first version: 64 bytes.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 64)]
    public struct pidfd_info
    {
        [FieldOffset(0)] public ulong mask;
        [FieldOffset(60)] public int exit_code;
    }

    /// <summary>An instruction of classic BPF, linux/filter.h: 8 bytes.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct sock_filter
    {
        public ushort code;
        public byte jt;
        public byte jf;
        public uint k;
    }

    /// <summary>A program of classic BPF, linux/filter.h.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct sock_fprog
    {
        public ushort len;
        public sock_filter* filter;
    }

    /// <summary>The head of struct tcp_info, linux/tcp.h; getsockopt(TCP_INFO) fills as much as is asked for.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 32)]
    public struct tcp_info
    {
        [FieldOffset(0)] public byte tcpi_state;
        [FieldOffset(24)] public uint tcpi_unacked;
        [FieldOffset(28)] public uint tcpi_sacked;
    }

    /// <summary>More of struct tcp_info: what Linux 4.1 has.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 136)]
    public struct tcp_info_counters
    {
        [FieldOffset(0)] public byte tcpi_state;
        [FieldOffset(120)] public ulong tcpi_bytes_acked;
        [FieldOffset(128)] public ulong tcpi_bytes_received;
    }

    [LibraryImport(Library)]
    public static partial int posix_spawn(int* pid, byte* path, posix_spawn_file_actions_t* actions, posix_spawnattr_t* attributes, byte** argv, byte** envp);

    [LibraryImport(Library)]
    public static partial int posix_spawnattr_init(posix_spawnattr_t* attributes);

    [LibraryImport(Library)]
    public static partial int posix_spawnattr_destroy(posix_spawnattr_t* attributes);

    [LibraryImport(Library)]
    public static partial int posix_spawnattr_setflags(posix_spawnattr_t* attributes, short flags);

    [LibraryImport(Library)]
    public static partial int posix_spawnattr_setsigmask(posix_spawnattr_t* attributes, sigset_t* mask);

    [LibraryImport(Library)]
    public static partial int posix_spawnattr_setsigdefault(posix_spawnattr_t* attributes, sigset_t* signals);

    [LibraryImport(Library)]
    public static partial int posix_spawnattr_setpgroup(posix_spawnattr_t* attributes, int group);

    [LibraryImport(Library)]
    public static partial int posix_spawn_file_actions_init(posix_spawn_file_actions_t* actions);

    [LibraryImport(Library)]
    public static partial int posix_spawn_file_actions_destroy(posix_spawn_file_actions_t* actions);

    [LibraryImport(Library)]
    public static partial int posix_spawn_file_actions_adddup2(posix_spawn_file_actions_t* actions, int from, int to);

    [LibraryImport(Library)]
    public static partial int posix_spawn_file_actions_addopen(posix_spawn_file_actions_t* actions, int to, byte* path, int flags, uint mode);

    [LibraryImport(Library)]
    public static partial int posix_spawn_file_actions_addclose(posix_spawn_file_actions_t* actions, int descriptor);

    [LibraryImport(Library)]
    public static partial int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t* actions, int from);

    [LibraryImport(Library)]
    public static partial int posix_spawn_file_actions_addchdir_np(posix_spawn_file_actions_t* actions, byte* path);

    [LibraryImport(Library)]
    public static partial int sigemptyset(sigset_t* set);

    [LibraryImport(Library)]
    public static partial int sigfillset(sigset_t* set);

    /// <summary>Gives an errno, and does not set it.</summary>
    [LibraryImport(Library)]
    public static partial int clock_getcpuclockid(int pid, int* clock);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int clock_gettime(int clock, Tmds.Linux.timespec* time);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int waitid(int kind, int id, siginfo_t* info, int options);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int ioctl(int descriptor, nuint request, void* argument);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int flock(int descriptor, int operation);

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial byte* realpath(string path, byte* resolved);

    [LibraryImport(Library)]
    public static partial void free(void* memory);

    /// <summary>
    /// The length of a control message, cmsg(3). That of Tmds.LibC rounds up, so that a message with an odd number of
    /// descriptors carries one more than was meant.
    /// </summary>
    public static int CMSG_LEN(int dataLength) => sizeof(Tmds.Linux.cmsghdr) + dataLength;

    // glibc has wrappers only since 2.36.
    public static int pidfd_open(int pid, uint flags) => (int)syscall(SYS_pidfd_open, pid, (nint)flags, 0, 0);

    public static int pidfd_send_signal(int pidfd, int signal) => (int)syscall(SYS_pidfd_send_signal, pidfd, signal, 0, 0);

    [LibraryImport(Library, SetLastError = true)]
    private static partial nint syscall(nint number, nint a, nint b, nint c, nint d);
}
