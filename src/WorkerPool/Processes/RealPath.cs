using System.Runtime.InteropServices;
using WorkerPool.Interop;
using static Tmds.Linux.LibC;

namespace WorkerPool.Processes;

/// <summary>
/// Paths with every symbolic link in them resolved, see realpath(3). A path such as <c>/srv/app/current/app</c> becomes
/// the file that it means at this moment, and stays it when the link is switched.
/// </summary>
internal static unsafe class RealPath
{
    /// <summary>The real path, or null and the errno of realpath(3).</summary>
    public static string? TryResolve(string path, out int errorNumber)
    {
        byte* resolved = Libc.realpath(path, null);
        if (resolved is null)
        {
            errorNumber = Errno.Last;
            return null;
        }

        errorNumber = 0;
        string result = Marshal.PtrToStringUTF8((nint)resolved)!;
        Libc.free(resolved);
        return result;
    }

    public static string OfFile(string path) =>
        TryResolve(path, out int errorNumber) ?? throw (IsMissing(errorNumber)
            ? new FileNotFoundException($"The file \"{path}\" does not exist.", path)
            : Failure(path, errorNumber));

    public static string OfDirectory(string path)
    {
        string resolved = TryResolve(path, out int errorNumber) ?? throw (IsMissing(errorNumber)
            ? new DirectoryNotFoundException($"The working directory \"{path}\" does not exist.")
            : Failure(path, errorNumber));
        return Directory.Exists(resolved)
            ? resolved
            : throw new DirectoryNotFoundException($"The working directory \"{path}\" is not a directory.");
    }

    private static bool IsMissing(int errorNumber) => errorNumber == ENOENT || errorNumber == ENOTDIR;

    private static SystemCallException Failure(string path, int errorNumber) =>
        new($"realpath({path})", errorNumber, errorNumber == EACCES
            ? "The master needs search permission on every directory of the path."
            : null);
}
