using System.CommandLine;
using System.CommandLine.Parsing;
using Samples;
using WorkerPool;

namespace YarpProxy;

/// <summary>The command line of the proxy.</summary>
internal sealed class ProxyCommand
{
    private readonly PoolCommand _pool = new();

    private readonly Option<string[]> _listen = CommandLine.Endpoints("--listen", "Where to listen.", required: true);

    private readonly Option<string> _configuration = new("--config")
    {
        Description = "The file with the section ReverseProxy. Workers read it when they start, so SIGHUP rolls a change out.",
        HelpName = "FILE",
        DefaultValueFactory = _ => Path.Combine(AppContext.BaseDirectory, "appsettings.json"),
    };

    private ProxyCommand() => _configuration.Validators.Add(CheckFile);

    /// <summary>Reads the command line and runs the proxy; says what is wrong if it is not valid.</summary>
    public static Task<int> InvokeAsync(IReadOnlyList<string> arguments, Func<ProxyOptions, Task<int>> run)
    {
        ProxyCommand command = new();
        RootCommand root = new("A reverse proxy. SIGHUP to the master rolls out what its files are now, the configuration included.")
        {
            command._listen, command._configuration,
        };
        command._pool.AddTo(root);
        root.SetAction((parsed, _) => run(command.Read(parsed)));
        return CommandLine.InvokeAsync(root.Parse(arguments), ProxyProgram.Name, SamplePool.BadUsage);
    }

    private ProxyOptions Read(ParseResult parsed) => new()
    {
        Listen = parsed.GetRequiredValue(_listen),
        Pool = _pool.Read(parsed),
        ConfigurationFile = Path.GetFullPath(parsed.GetRequiredValue(_configuration)),
    };

    private static void CheckFile(OptionResult result)
    {
        foreach (Token token in result.Tokens.Where(token => !File.Exists(token.Value)))
        {
            result.AddError($"--config: there is no file \"{token.Value}\".");
        }
    }
}
