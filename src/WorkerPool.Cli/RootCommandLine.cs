using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using WorkerPool.Cli.Commands;

namespace WorkerPool.Cli;

/// <summary>The whole command line.</summary>
internal static class RootCommandLine
{
    private const string Description = """
        Looks at a pool of workers while it runs, and steers it.

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
        ParseResult parsed = Create().Parse(arguments);
        if (parsed.Action is not ParseErrorAction) // --help and completion take a line that is not valid
        {
            return await parsed.InvokeAsync();
        }

        foreach (ParseError error in parsed.Errors)
        {
            await Console.Error.WriteLineAsync($"workerpool: {error.Message}");
        }

        await Console.Error.WriteLineAsync("workerpool: --help shows what there is.");
        return ExitCode.Usage;
    }

    /// <summary>A command without arguments that only has a verdict.</summary>
    private static Command Simple(string name, string description, Func<ControlClient, CancellationToken, Task<Verdict>> ask)
    {
        Command command = new(name, description);
        command.SetAction((parsed, cancellation) =>
            Invocation.RunAsync(parsed, async (invocation, stop) => invocation.Finish(await ask(invocation.Client, stop)), cancellation));
        return command;
    }
}
