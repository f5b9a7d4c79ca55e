namespace WorkerPool.Processes;

/// <summary>
/// A release as it was asked for: absolute paths whose symbolic links are not resolved, so that it can be resolved
/// again when the links have been switched. Immutable.
/// </summary>
/// <param name="Executable">The absolute path of the executable.</param>
/// <param name="Arguments">The arguments, the program of <c>dotnet</c> as an absolute path.</param>
/// <param name="ProgramArgument">Which argument is the program that <c>dotnet</c> runs; null if none is.</param>
/// <param name="WorkingDirectory">The absolute path of the working directory.</param>
internal sealed record ReleaseSource(
    string Executable, IReadOnlyList<string> Arguments, int? ProgramArgument, string WorkingDirectory)
{
    public static ReleaseSource Create(string executable, string[] arguments, string? workingDirectory)
    {
        string current = CurrentDirectory();
        string located = ExecutableFile.Locate(executable, current, Environment.GetEnvironmentVariable("PATH"));
        string directory = workingDirectory is null ? current : Path.Combine(current, workingDirectory);
        int? program = ExecutableFile.IsDotnet(ExecutableFile.Resolve(located)) ? IndexOfProgram(arguments) : null;
        if (program is int index)
        {
            // The worker would look for it from its own working directory.
            arguments[index] = Path.Combine(directory, arguments[index]);
        }

        return new ReleaseSource(located, arguments.AsReadOnly(), program, directory);
    }

    public ReleaseFiles Resolve()
    {
        string[] arguments = [.. Arguments];
        if (ProgramArgument is int program)
        {
            arguments[program] = RealPath.OfFile(arguments[program]);
        }

        return new ReleaseFiles(
            ExecutableFile.Resolve(Executable), arguments.AsReadOnly(), RealPath.OfDirectory(WorkingDirectory));
    }

    /// <summary>
    /// The current directory by the name that it was entered by, if PWD still names it, see get_current_dir_name(3);
    /// the kernel itself remembers only where a link led.
    /// </summary>
    public static string CurrentDirectory()
    {
        string real = Environment.CurrentDirectory;
        string? logical = Environment.GetEnvironmentVariable("PWD");
        return logical is ['/', ..] && RealPath.TryResolve(logical, out _) == real ? logical : real;
    }

    private static int? IndexOfProgram(string[] arguments)
    {
        int index = Array.FindIndex(arguments, argument => argument.EndsWith(".dll", StringComparison.OrdinalIgnoreCase));
        return index < 0 ? null : index;
    }
}
