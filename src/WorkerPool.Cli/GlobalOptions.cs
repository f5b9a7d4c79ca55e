using System.CommandLine;

namespace WorkerPool.Cli;

/// <summary>Options that every command has.</summary>
internal static class GlobalOptions
{
    public static Option<string?> Control { get; } = new("--control", "-c")
    {
        Description = $"The control socket of the master. Default: ${ControlPath.Variable}, or the only one in $XDG_RUNTIME_DIR/workerpool/ and /run/workerpool/.",
        HelpName = "PATH",
        Recursive = true,
    };

    public static Option<bool> Json { get; } = new("--json")
    {
        Description = "Output for programs: lines of JSON, as in docs/control-protocol.md; the last one is the verdict.",
        Recursive = true,
    };
}
