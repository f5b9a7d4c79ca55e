using System.Text;

namespace WorkerPool.Processes;

/// <summary>How this process was started: what to run to get the same program again.</summary>
/// <param name="Source">The command by the names that it was given by.</param>
/// <param name="Files">The files that run in this process.</param>
internal sealed record ThisProgram(ReleaseSource Source, ReleaseFiles Files)
{
    private const string Deleted = " (deleted)";

    /// <summary>This program with other arguments of its own, or with those of this process.</summary>
    public static ThisProgram Find(IReadOnlyList<string>? ownArguments)
    {
        string executable = new FileInfo("/proc/self/exe").LinkTarget
            ?? throw new FileNotFoundException("/proc/self/exe cannot be read. Mount /proc.", "/proc/self/exe");

        // When the file was replaced under the running program, its name means the new file, as it does for a shell.
        if (executable.EndsWith(Deleted, StringComparison.Ordinal) && !File.Exists(executable))
        {
            executable = executable[..^Deleted.Length];
        }

        return From(
            ExecutableFile.Resolve(executable),
            Split(File.ReadAllBytes("/proc/self/cmdline")),
            Environment.GetCommandLineArgs(),
            ownArguments,
            ReleaseSource.CurrentDirectory());
    }

    /// <summary>
    /// What comes before the program's own arguments is the host's: nothing for an executable of its own (a host made
    /// by the SDK, a single file, native code), <c>[exec] [options] app.dll</c> for <c>dotnet</c>.
    /// </summary>
    /// <param name="executable">The real path of the file that runs.</param>
    /// <param name="raw">The arguments of the process, as the kernel knows them.</param>
    /// <param name="managed">The arguments as the runtime gives them: the program first, then its own.</param>
    /// <param name="ownArguments">The program's own arguments for the release; null for those of this process.</param>
    /// <param name="currentDirectory">What relative names are relative to.</param>
    public static ThisProgram From(
        string executable, string[] raw, string[] managed, IReadOnlyList<string>? ownArguments, string currentDirectory)
    {
        int own = managed.Length - 1;
        string[] host = raw.Length - own > 1 ? raw[1..(raw.Length - own)] : [];
        ownArguments ??= managed[1..];
        string[] named = [.. host, .. ownArguments];
        string[] real = [.. named];
        int? program = host.Length > 0 ? host.Length - 1 : null;
        if (program is int index)
        {
            real[index] = RealPath.OfFile(Path.Combine(currentDirectory, managed[0]));
            named[index] = NameOf(real[index], host[index], currentDirectory);
        }

        string name = NameOf(executable, raw.Length > 0 ? raw[0] : "", currentDirectory);
        return new ThisProgram(
            new ReleaseSource(name, named.AsReadOnly(), program, currentDirectory),
            new ReleaseFiles(executable, real.AsReadOnly(), RealPath.OfDirectory(currentDirectory)));
    }

    // The name that a file was started by is worth more than where its links led, because the links may be switched;
    // but argv[0] is only a claim. Take it if it leads to the file, or did so before the links were switched.
    private static string NameOf(string real, string claimed, string currentDirectory)
    {
        string name = Path.Combine(currentDirectory, claimed);
        bool leadsThere = claimed.Length > 0 && RealPath.TryResolve(name, out _) == real;
        bool mayHaveLedThere = claimed is ['/', ..] && Path.GetFileName(claimed) == Path.GetFileName(real);
        return leadsThere || mayHaveLedThere ? name : real;
    }

    private static string[] Split(byte[] commandLine) =>
        Encoding.UTF8.GetString(commandLine.AsSpan(0, Math.Max(0, commandLine.Length - 1))).Split('\0');
}
