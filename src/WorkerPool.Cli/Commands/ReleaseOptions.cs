using System.CommandLine;

namespace WorkerPool.Cli.Commands;

/// <summary>The options that describe a release; without <c>--executable</c> there is none.</summary>
internal sealed class ReleaseOptions
{
    private readonly Option<string?> _executable = new("--executable", "-x")
    {
        Description = "What the workers shall run. A path is taken from the current directory; a name without a slash is looked up by the master.",
        HelpName = "FILE",
    };

    private readonly Option<string[]> _arguments = new("--argument", "-a")
    {
        Description = "An argument of the executable; may be given several times.",
        HelpName = "TEXT",
    };

    private readonly Option<string?> _label = new("--label", "-l")
    {
        Description = "The name of the release, such as its version.",
        HelpName = "TEXT",
    };

    private readonly Option<string?> _directory = new("--directory", "-d")
    {
        Description = "The working directory of the workers. Default: the master's.",
        HelpName = "PATH",
    };

    private readonly Option<string[]> _environment = new("--env", "-e")
    {
        Description = "NAME=VALUE sets an environment variable, NAME alone removes it; may be given several times.",
        HelpName = "NAME[=VALUE]",
    };

    public void AddTo(Command command)
    {
        command.Options.Add(_executable);
        command.Options.Add(_arguments);
        command.Options.Add(_label);
        command.Options.Add(_directory);
        command.Options.Add(_environment);
        command.Validators.Add(result =>
        {
            Option[] dependent = [_arguments, _label, _directory, _environment];
            if (result.GetResult(_executable) is null && dependent.FirstOrDefault(option => result.GetResult(option) is not null) is Option orphan)
            {
                result.AddError($"{orphan.Name} describes a release; say with --executable what it runs.");
            }
        });
    }

    public ReleaseDescription? Read(ParseResult parsed) => parsed.GetValue(_executable) is not string executable ? null : new ReleaseDescription
    {
        Executable = executable.Contains('/', StringComparison.Ordinal) ? Path.GetFullPath(executable) : executable,
        Arguments = parsed.GetValue(_arguments) ?? [],
        Label = parsed.GetValue(_label),
        WorkingDirectory = parsed.GetValue(_directory) is string directory ? Path.GetFullPath(directory) : null,
        Environment = Environment(parsed.GetValue(_environment) ?? []),
    };

    private static Dictionary<string, string?>? Environment(string[] variables)
    {
        Dictionary<string, string?> environment = [];
        foreach (string[] parts in variables.Select(variable => variable.Split('=', 2)))
        {
            environment[parts[0]] = parts.ElementAtOrDefault(1);
        }

        return environment.Count == 0 ? null : environment;
    }
}
