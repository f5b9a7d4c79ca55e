using System.Text;
using static Tmds.Linux.LibC;

namespace WorkerPool.Processes;

/// <summary>Finds executables as a shell does, and tells why one cannot be run before anybody tries.</summary>
internal static unsafe class ExecutableFile
{
    /// <summary>The absolute path, links not resolved, of a path or of a bare name that is looked up in PATH.</summary>
    public static string Locate(string executable, string currentDirectory, string? searchPath)
    {
        if (executable.Contains('/'))
        {
            return Path.Combine(currentDirectory, executable);
        }

        // An empty element of PATH means the current directory, see execvp(3).
        foreach (string directory in (searchPath ?? "").Split(':'))
        {
            string candidate = Path.Combine(currentDirectory, directory, executable);
            if (File.Exists(candidate) && MayExecute(candidate))
            {
                return candidate;
            }
        }

        throw new FileNotFoundException(
            $"No executable named \"{executable}\" is in PATH ({searchPath}). Give its full path.", executable);
    }

    /// <summary>The real path of a file that can be executed.</summary>
    public static string Resolve(string path)
    {
        string resolved = RealPath.OfFile(path);
        if (Directory.Exists(resolved))
        {
            throw new ArgumentException($"The executable \"{path}\" is a directory. Name the file in it.", nameof(path));
        }

        return MayExecute(resolved)
            ? resolved
            : throw new ArgumentException(
                $"The executable \"{path}\" may not be executed by this user. Try: chmod +x {resolved}", nameof(path));
    }

    /// <summary>Whether this is the <c>dotnet</c> host, whose program is an argument.</summary>
    public static bool IsDotnet(string resolved) => Path.GetFileName(resolved) == "dotnet";

    private static bool MayExecute(string path)
    {
        fixed (byte* native = Encoding.UTF8.GetBytes(path + '\0'))
        {
            return faccessat(AT_FDCWD, native, X_OK, AT_EACCESS) == 0;
        }
    }
}
