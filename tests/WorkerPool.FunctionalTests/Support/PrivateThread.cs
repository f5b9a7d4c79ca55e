using System.Runtime.InteropServices;
using WorkerPool.Interop;
using Xunit;

namespace WorkerPool.FunctionalTests.Support;

/// <summary>Runs an action on a thread of its own to which something is done that only its end undoes.</summary>
internal static unsafe partial class PrivateThread
{
    private const int CLONE_NEWNET = 0x40000000;
    private const int PR_SET_NO_NEW_PRIVS = 38;
    private const int PR_SET_SECCOMP = 22;
    private const int SECCOMP_MODE_FILTER = 2;
    private const uint Allow = 0x7fff0000; // SECCOMP_RET_ALLOW
    private const uint RefuseWithEPERM = 0x00050000 | 1; // SECCOMP_RET_ERRNO

    /// <summary>A system call that a sandbox refuses if one argument has this value.</summary>
    public readonly record struct Refused(uint CallOnX64, uint CallOnArm64, int Argument, uint Value);

    /// <summary>socket(AF_NETLINK, …)</summary>
    public static Refused Netlink => new(41, 198, Argument: 0, Value: 16);

    /// <summary>setsockopt(…, SO_ATTACH_REUSEPORT_CBPF, …)</summary>
    public static Refused Steering => new(54, 208, Argument: 2, Value: Libc.SO_ATTACH_REUSEPORT_CBPF);

    /// <summary>In an empty network namespace; sockets that the thread opens stay in it.</summary>
    public static void InNetworkNamespace(Action act) => Run(
        () => unshare(CLONE_NEWNET) == 0 ? null : $"Network namespaces need CAP_SYS_ADMIN: {Errno.Name(Errno.Last)}.", act);

    /// <summary>In a sandbox (seccomp).</summary>
    public static void Without(Refused refused, Action act) => Run(() => Confine(refused), act);

    private static void Run(Func<string?> prepare, Action act)
    {
        string? obstacle = null;
        Exception? failure = null;
        Thread thread = new(() =>
        {
            try
            {
                obstacle = prepare();
                if (obstacle is null)
                {
                    act();
                }
            }
            catch (Exception e)
            {
                failure = e;
            }
        });
        thread.Start();
        thread.Join();
        Assert.SkipWhen(obstacle is not null, obstacle ?? "");
        if (failure is not null)
        {
            throw new InvalidOperationException("The thread failed: " + failure.Message, failure);
        }
    }

    private static string? Confine(Refused refused)
    {
        const ushort Load = 0x20, JumpIfEqual = 0x15, Return = 0x06;
        uint call = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? refused.CallOnArm64 : refused.CallOnX64;
        Libc.sock_filter* filter = stackalloc Libc.sock_filter[]
        {
            new() { code = Load, k = 0 }, // struct seccomp_data: nr
            new() { code = JumpIfEqual, jt = 0, jf = 3, k = call },
            new() { code = Load, k = (uint)(16 + 8 * refused.Argument) },
            new() { code = JumpIfEqual, jt = 0, jf = 1, k = refused.Value },
            new() { code = Return, k = RefuseWithEPERM },
            new() { code = Return, k = Allow },
        };
        Libc.sock_fprog program = new() { len = 6, filter = filter };
        return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, (nint)(&program), 0, 0) == 0
            ? null
            : $"The kernel has no seccomp filters: {Errno.Name(Errno.Last)}.";
    }

    [LibraryImport("libc.so.6", SetLastError = true)]
    private static partial int unshare(int flags);

    [LibraryImport("libc.so.6", SetLastError = true)]
    private static partial int prctl(int option, nint a, nint b, nint c, nint d);
}
