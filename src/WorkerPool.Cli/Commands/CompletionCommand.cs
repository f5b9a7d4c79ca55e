using System.CommandLine;

namespace WorkerPool.Cli.Commands;

/// <summary><c>completion SHELL</c></summary>
internal static class CompletionCommand
{
    // The tool itself knows what may come next: the directive [suggest:POSITION] of System.CommandLine.
    private const string Bash = """
        _workerpool() {
            local IFS=$'\n'
            COMPREPLY=($(compgen -W "$(workerpool "[suggest:${COMP_POINT}]" "${COMP_LINE}" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
        }
        complete -o default -F _workerpool workerpool
        """;

    private const string Zsh = """
        #compdef workerpool
        _workerpool() {
            local -a words_that_fit
            words_that_fit=("${(@f)$(workerpool "[suggest:${CURSOR}]" "${BUFFER}" 2>/dev/null)}")
            compadd -a words_that_fit
        }
        compdef _workerpool workerpool
        """;

    private const string Fish = """
        complete -c workerpool -f -a '(workerpool "[suggest:"(commandline -C)"]" (commandline) 2>/dev/null)'
        """;

    public static Command Create()
    {
        Argument<string> shell = new("SHELL") { Description = "bash, zsh or fish." };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish");
        Command command = new("completion", "Prints a script that completes this command in a shell: eval \"$(workerpool completion bash)\".") { shell };
        command.SetAction(parsed => Console.Out.WriteLine(parsed.GetValue(shell) switch
        {
            "zsh" => Zsh,
            "fish" => Fish,
            _ => Bash,
        }));
        return command;
    }
}
