using System.CommandLine;
using System.CommandLine.Parsing;
using Samples;
using WorkerPool;

namespace YarpProxy;

/// <summary>The command line of the proxy.</summary>
internal sealed class ProxyCommand
{
    private const int MaxSeconds = 86_400;

    private readonly Option<string[]> _listen = new("--listen")
    {
        Description = "Where to listen: an IP address with a port, *:PORT, unix:PATH, unix:@NAME or systemd:NAME. Repeatable.",
        HelpName = "HOST:PORT|unix:PATH",
        Required = true,
    };

    private readonly Option<string> _configuration = new("--config")
    {
        Description = "The file with the section ReverseProxy. Workers read it when they start, so SIGHUP rolls a change out.",
        HelpName = "FILE",
        DefaultValueFactory = _ => Path.Combine(AppContext.BaseDirectory, "appsettings.json"),
    };

    private readonly Option<string?> _label = new("--label")
    {
        Description = "The label of the release that the workers run, such as its version.",
        HelpName = "TEXT",
    };

    private readonly Option<int> _workers = CommandLine.Number(
        "--workers", "N", "How many workers there are.", Environment.ProcessorCount, 1, PoolOptions.MaxWorkerCount);

    private readonly Option<int> _bake = CommandLine.Number(
        "--bake", "SECONDS", "How long a new worker must serve without dying before the rollout goes on.", 1, 0, MaxSeconds);

    private readonly Option<int> _drain = CommandLine.Number(
        "--drain-seconds", "N", "The time that a draining worker has to finish its requests.", 30, 0, MaxSeconds);

    private ProxyCommand()
    {
        _listen.Validators.Add(CommandLine.CheckEndpoints);
        _configuration.Validators.Add(CheckFile);
    }

    /// <summary>Reads the command line and runs the proxy; says what is wrong if it is not valid.</summary>
    public static Task<int> InvokeAsync(IReadOnlyList<string> arguments, Func<ProxyOptions, Task<int>> run)
    {
        ProxyCommand command = new();
        RootCommand root = new("A reverse proxy. SIGHUP to the master rolls out what its files are now, the configuration included.")
        {
            command._listen, command._workers, command._configuration, command._label, command._bake, command._drain,
        };
        root.SetAction((parsed, _) => run(command.Read(parsed)));
        return CommandLine.InvokeAsync(root.Parse(arguments), "YarpProxy", ProxyProgram.BadUsage);
    }

    private ProxyOptions Read(ParseResult parsed) => new()
    {
        Listen = parsed.GetRequiredValue(_listen),
        Workers = parsed.GetValue(_workers),
        ConfigurationFile = Path.GetFullPath(parsed.GetRequiredValue(_configuration)),
        Label = parsed.GetValue(_label),
        Bake = TimeSpan.FromSeconds(parsed.GetValue(_bake)),
        DrainDeadline = TimeSpan.FromSeconds(parsed.GetValue(_drain)),
    };

    private static void CheckFile(OptionResult result)
    {
        foreach (Token token in result.Tokens.Where(token => !File.Exists(token.Value)))
        {
            result.AddError($"--config: there is no file \"{token.Value}\".");
        }
    }
}
