using System.Collections.ObjectModel;
using WorkerPool.Processes;

namespace WorkerPool;

/// <summary>
/// What a worker runs: executable, arguments, environment, working directory, label. Immutable, so safe for any number
/// of threads.
/// </summary>
/// <remarks>
/// The files are looked up once, when the release is made: every symbolic link in their paths is resolved then, see
/// realpath(3). A worker that is started again later runs the same files, even if a link such as
/// <c>current → releases/v1</c> has been switched since. <see cref="Refresh"/> makes the release that the links mean now.
/// </remarks>
public sealed class Release
{
    private readonly ReleaseSource _source;
    private readonly ReleaseFiles _files;
    private readonly string? _label;

    private Release(ReleaseSource source, ReleaseFiles files, string? label, IReadOnlyDictionary<string, string?> environment)
    {
        _source = source;
        _files = files;
        _label = label;
        Label = label ?? DefaultLabel(source, files);
        Environment = environment;
    }

    /// <summary>The real path of the executable.</summary>
    public string Executable => _files.Executable;

    /// <summary>The arguments, without the executable. If that is <c>dotnet</c>, its program stands here as a real path.</summary>
    public IReadOnlyList<string> Arguments => _files.Arguments;

    /// <summary>The real path of the working directory.</summary>
    public string WorkingDirectory => _files.WorkingDirectory;

    /// <summary>
    /// What differs from the master's environment; a variable whose value is <see langword="null"/> is removed. Workers
    /// get the environment that the master has when they are started, without what belongs to the master alone
    /// (<c>NOTIFY_SOCKET</c>, <c>WATCHDOG_*</c>, <c>LISTEN_*</c>, <c>WORKERPOOL_*</c>), with these changes, with what
    /// the pool itself tells them; and <see cref="PoolOptions.RuntimeDefaults"/>, where neither says otherwise. Default: empty.
    /// </summary>
    public IReadOnlyDictionary<string, string?> Environment { get; }

    /// <summary>
    /// The name of the release, such as its version, for people: it appears in status, events and verdicts. Not empty,
    /// at most 100 characters, none of them a control character. Default: directory and name of the program that runs,
    /// such as <c>v1/app</c> for <c>/srv/releases/v1/app</c> or <c>v1/app.dll</c> for one that <c>dotnet</c> runs.
    /// </summary>
    public string Label { get; }

    /// <summary>argv[0]: the name that the executable was asked for by, which programs with several names look at.</summary>
    internal string Name => _source.Executable;

    /// <summary>A release of any program.</summary>
    /// <param name="executable">
    /// A path, relative to the current directory if it is not absolute; or a name without a slash, which is looked up in
    /// <c>PATH</c>.
    /// </param>
    /// <param name="arguments">
    /// The arguments. Default: none. If the executable is <c>dotnet</c>, the first one that ends in <c>.dll</c> is
    /// resolved to its real path, from the working directory of the release.
    /// </param>
    /// <param name="label">See <see cref="Label"/>, also for the default.</param>
    /// <param name="workingDirectory">Relative to the current directory if it is not absolute; default: the current directory.</param>
    /// <param name="environment">See <see cref="Environment"/>.</param>
    /// <returns>The release, resolved now.</returns>
    /// <exception cref="FileNotFoundException">The executable, or the program of <c>dotnet</c>, does not exist.</exception>
    /// <exception cref="DirectoryNotFoundException">The working directory does not exist or is not one.</exception>
    /// <exception cref="ArgumentException">
    /// A value is not valid (empty, with a NUL, a variable's name with <c>=</c>), or the executable is a directory or
    /// may not be executed by this user.
    /// </exception>
    /// <exception cref="SystemCallException">A path cannot be resolved for another reason, such as EACCES or ELOOP.</exception>
    public static Release Create(
        string executable,
        IEnumerable<string>? arguments = null,
        string? label = null,
        string? workingDirectory = null,
        IReadOnlyDictionary<string, string?>? environment = null)
    {
        ReleaseChecks.Path(executable, nameof(executable));
        string[] checkedArguments = ReleaseChecks.Arguments(arguments ?? []);
        if (workingDirectory is not null)
        {
            ReleaseChecks.Path(workingDirectory, nameof(workingDirectory));
        }

        ReleaseSource source = ReleaseSource.Create(executable, checkedArguments, workingDirectory);
        return new Release(source, source.Resolve(), CheckedLabel(label), CheckedEnvironment(environment));
    }

    /// <summary>
    /// This program again, in the present working directory: the file that runs now, however it was started (by its own
    /// name, by <c>dotnet app.dll</c>, by <c>dotnet exec</c> with options, as native code).
    /// </summary>
    /// <param name="label">See <see cref="Label"/>, also for the default.</param>
    /// <param name="arguments">The program's own arguments. Default: those that this process was started with.</param>
    /// <returns>The release, resolved now.</returns>
    /// <exception cref="FileNotFoundException">The program's file does not exist any more.</exception>
    /// <exception cref="ArgumentException">The label or an argument is not valid.</exception>
    public static Release Current(string? label = null, IEnumerable<string>? arguments = null)
    {
        ThisProgram program = ThisProgram.Find(arguments is null ? null : ReleaseChecks.Arguments(arguments));
        return new Release(program.Source, program.Files, CheckedLabel(label), CheckedEnvironment(null));
    }

    /// <summary>
    /// The same release resolved anew, from the paths that it was first made from: after <c>current</c> has been switched
    /// from <c>releases/v1</c> to <c>releases/v2</c>, this is the release in <c>v2</c>. Names that were found in
    /// <c>PATH</c>, and relative ones, stay where they were found first.
    /// </summary>
    /// <returns>A new release; this one stays as it is. A default label is made anew, a given one is kept.</returns>
    /// <exception cref="FileNotFoundException">The executable, or the program of <c>dotnet</c>, does not exist any more.</exception>
    /// <exception cref="DirectoryNotFoundException">The working directory does not exist any more.</exception>
    /// <exception cref="ArgumentException">The executable is a directory now, or may not be executed by this user.</exception>
    /// <exception cref="SystemCallException">A path cannot be resolved for another reason, such as EACCES or ELOOP.</exception>
    public Release Refresh() => new(_source, _source.Resolve(), _label, Environment);

    /// <summary>The same release, not resolved anew, by another name.</summary>
    /// <param name="label">See <see cref="Label"/>.</param>
    /// <exception cref="ArgumentException">The label is not valid.</exception>
    public Release WithLabel(string label) => new(_source, _files, ReleaseChecks.Label(label), Environment);

    /// <summary>The same release, not resolved anew, with one variable more in <see cref="Environment"/>, or another value of it.</summary>
    /// <param name="name">The variable; not empty, without <c>=</c>.</param>
    /// <param name="value">Its value; <see langword="null"/> removes what the master has.</param>
    /// <exception cref="ArgumentException">The name or the value is not valid.</exception>
    public Release WithEnvironment(string name, string? value) =>
        new(_source, _files, _label, CheckedEnvironment(new Dictionary<string, string?>(Environment) { [name] = value }));

    /// <summary>The label.</summary>
    public override string ToString() => Label;

    private static string? CheckedLabel(string? label) => label is null ? null : ReleaseChecks.Label(label);

    private static ReadOnlyDictionary<string, string?> CheckedEnvironment(IReadOnlyDictionary<string, string?>? environment)
    {
        Dictionary<string, string?> copy = new(environment ?? ReadOnlyDictionary<string, string?>.Empty);
        foreach ((string name, string? value) in copy)
        {
            ReleaseChecks.EnvironmentVariable(name, value);
        }

        return copy.AsReadOnly();
    }

    private static string DefaultLabel(ReleaseSource source, ReleaseFiles files)
    {
        string program = source.ProgramArgument is int index ? files.Arguments[index] : files.Executable;
        string label = $"{Path.GetFileName(Path.GetDirectoryName(program))}/{Path.GetFileName(program)}";

        // File names may hold anything; labels go to terminals and logs.
        return string.Concat(label.Where(c => !char.IsControl(c)).Take(ReleaseChecks.MaxLabelLength));
    }
}
