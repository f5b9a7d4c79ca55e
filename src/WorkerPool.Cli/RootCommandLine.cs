using System.CommandLine;
using System.CommandLine.Invocation;
using WorkerPool.Cli.Commands;

namespace WorkerPool.Cli;

/// <summary>The whole command line.</summary>
internal static class RootCommandLine
{
    private const string Description = """
        Looks at a pool of workers while it runs, and steers it.

        TIME is written as 500ms, 5s, 2m or 1h; a number alone is seconds.

        Exit codes: 0 done; 1 refused or failed; 2 rolled back; 3 the master cannot be reached; 64 the command line is not valid; 130 interrupted.
        """;

    public static RootCommand Create() => new(Description)
    {
        GlobalOptions.Control, GlobalOptions.Json,
        StatusCommand.Create(), TopCommand.Create(), EventsCommand.Create(),
        StartCommand.Create(), DrainCommand.Create(), ReplaceCommand.Create(), ScaleCommand.Create(),
        RollCommand.Create(),
        Simple("pause", "The rollout begins with no further slot.", static (client, stop) => client.PauseRolloutAsync(stop)),
        Simple("resume", "A paused rollout goes on.", static (client, stop) => client.ResumeRolloutAsync(stop)),
        AbortCommand.Create(), WeightCommand.Create(), ShareCommand.Create(),
        Simple("suspend-respawn", "Workers that die stay dead.", static (client, stop) => client.SuspendRespawnAsync(stop)),
        Simple("resume-respawn", "Workers that die, and those that died meanwhile, are started again.", static (client, stop) => client.ResumeRespawnAsync(stop)),
        Simple("reopen-logs", "The workers open their log files anew.", static (client, stop) => client.ReopenLogsAsync(stop)),
        StopCommand.Create(), CompletionCommand.Create(),
    };

    public static async Task<int> InvokeAsync(IReadOnlyList<string> arguments)
    {
        ParseResult parsed = Create().Parse(arguments.Count == 0 ? ["--help"] : arguments);
        if (parsed.Action is not ParseErrorAction) // --help and completion take a line that is not valid
        {
            int code = await parsed.InvokeAsync();
            return arguments.Count == 0 ? ExitCode.Usage : code;
        }

        foreach (string error in ErrorsOf(parsed))
        {
            await Console.Error.WriteLineAsync($"workerpool: {error}");
        }

        await Console.Error.WriteLineAsync("workerpool: --help shows what there is.");
        return ExitCode.Usage;
    }

    internal static IEnumerable<string> ErrorsOf(ParseResult parsed) =>
        parsed.CommandResult.Command is System.CommandLine.RootCommand && parsed.UnmatchedTokens is [string word, ..]
            ? [$"There is no command \"{word}\"."]
            : parsed.Errors.Select(error => error.Message);

    /// <summary>A command without arguments that only has a verdict.</summary>
    private static Command Simple(string name, string description, Func<ControlClient, CancellationToken, Task<Verdict>> ask)
    {
        Command command = new(name, description);
        command.SetAction((parsed, cancellation) =>
            Invocation.RunAsync(parsed, async (invocation, stop) => invocation.Finish(await ask(invocation.Client, stop)), cancellation));
        return command;
    }
}
