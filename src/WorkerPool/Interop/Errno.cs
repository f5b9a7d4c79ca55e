using System.Globalization;
using System.Runtime.InteropServices;
using static Tmds.Linux.LibC;

namespace WorkerPool.Interop;

/// <summary>The error number of the last system call on this thread, and the names of the errors.</summary>
internal static class Errno
{
    public static int Last => Marshal.GetLastPInvokeError();

    public static string Name(int errorNumber) =>
        Names.TryGetValue(errorNumber, out string? name)
            ? name
            : "errno " + errorNumber.ToString(CultureInfo.InvariantCulture);

    private static readonly Dictionary<int, string> Names = new()
    {
        [EPERM] = nameof(EPERM),
        [ENOENT] = nameof(ENOENT),
        [ESRCH] = nameof(ESRCH),
        [EINTR] = nameof(EINTR),
        [EIO] = nameof(EIO),
        [E2BIG] = nameof(E2BIG),
        [ENOEXEC] = nameof(ENOEXEC),
        [EBADF] = nameof(EBADF),
        [ECHILD] = nameof(ECHILD),
        [EAGAIN] = nameof(EAGAIN),
        [ENOMEM] = nameof(ENOMEM),
        [EACCES] = nameof(EACCES),
        [EFAULT] = nameof(EFAULT),
        [EBUSY] = nameof(EBUSY),
        [EEXIST] = nameof(EEXIST),
        [ENODEV] = nameof(ENODEV),
        [ENOTDIR] = nameof(ENOTDIR),
        [EISDIR] = nameof(EISDIR),
        [EINVAL] = nameof(EINVAL),
        [ENFILE] = nameof(ENFILE),
        [EMFILE] = nameof(EMFILE),
        [ENOTTY] = nameof(ENOTTY),
        [ETXTBSY] = nameof(ETXTBSY),
        [ENOSPC] = nameof(ENOSPC),
        [EROFS] = nameof(EROFS),
        [EPIPE] = nameof(EPIPE),
        [ENAMETOOLONG] = nameof(ENAMETOOLONG),
        [ENOSYS] = nameof(ENOSYS),
        [ELOOP] = nameof(ELOOP),
        [EPROTO] = nameof(EPROTO),
        [ENOTSOCK] = nameof(ENOTSOCK),
        [EMSGSIZE] = nameof(EMSGSIZE),
        [ENOPROTOOPT] = nameof(ENOPROTOOPT),
        [EPROTONOSUPPORT] = nameof(EPROTONOSUPPORT),
        [EOPNOTSUPP] = nameof(EOPNOTSUPP),
        [EAFNOSUPPORT] = nameof(EAFNOSUPPORT),
        [EADDRINUSE] = nameof(EADDRINUSE),
        [EADDRNOTAVAIL] = nameof(EADDRNOTAVAIL),
        [ENETDOWN] = nameof(ENETDOWN),
        [ENETUNREACH] = nameof(ENETUNREACH),
        [ECONNABORTED] = nameof(ECONNABORTED),
        [ECONNRESET] = nameof(ECONNRESET),
        [ENOBUFS] = nameof(ENOBUFS),
        [ENOTCONN] = nameof(ENOTCONN),
        [ETIMEDOUT] = nameof(ETIMEDOUT),
        [ECONNREFUSED] = nameof(ECONNREFUSED),
        [EHOSTDOWN] = nameof(EHOSTDOWN),
        [EHOSTUNREACH] = nameof(EHOSTUNREACH),
    };
}
