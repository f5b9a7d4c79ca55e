using System.CommandLine;
using System.CommandLine.Parsing;
using Samples;
using WorkerPool;

namespace TcpProxy;

/// <summary>The command line of the proxy.</summary>
internal sealed class ProxyCommand
{
    private const int MaxBallastMegabytes = 1_048_576;
    private const int MaxMilliseconds = 3_600_000;
    private const int MaxWarmUpConnections = 100_000;

    private readonly PoolCommand _pool = new();

    private readonly Option<string[]> _listen = CommandLine.Endpoints("--listen", "Where to listen.", required: true);

    private readonly Option<UpstreamAddress> _upstream = new("--upstream")
    {
        Description = "Where to relay to.",
        HelpName = "HOST:PORT|unix:PATH",
        Required = true,
        CustomParser = ParseUpstream,
    };

    private readonly Option<int> _ballast = CommandLine.Number(
        "--ballast-mb", "N", "Memory that each worker fills and keeps, to make its size visible.", 0, 0, MaxBallastMegabytes);

    private readonly Option<int> _startDelay = CommandLine.Number(
        "--start-delay-ms", "N", "What a worker waits before it is ready.", 0, 0, MaxMilliseconds);

    private readonly Option<int> _warmUp = CommandLine.Number(
        "--warm-up", "N", "How many connections a worker sends through itself before it is ready.", 0, 0, MaxWarmUpConnections);

    private readonly Option<string?> _fault = new("--fault")
    {
        Description = "How the workers are bad on purpose.",
        Hidden = true,
    };

    private ProxyCommand() => _fault.AcceptOnlyFromAmong(Fault.Kinds);

    /// <summary>Reads the command line and runs the proxy; says what is wrong if it is not valid.</summary>
    public static Task<int> InvokeAsync(IReadOnlyList<string> arguments, Func<ProxyOptions, Task<int>> run)
    {
        ProxyCommand command = new();
        RootCommand root = new("Relays connections to an upstream. SIGHUP to the master rolls out what its files are now, SIGTTIN and SIGTTOU change the number of workers, see docs/signals.md.")
        {
            command._listen, command._upstream, command._ballast, command._startDelay, command._warmUp, command._fault,
        };
        command._pool.AddTo(root);
        root.SetAction((parsed, _) => run(command.Read(parsed)));
        return CommandLine.InvokeAsync(root.Parse(arguments), ProxyProgram.Name, SamplePool.BadUsage);
    }

    private ProxyOptions Read(ParseResult parsed) => new()
    {
        Listen = parsed.GetRequiredValue(_listen),
        Upstream = parsed.GetRequiredValue(_upstream),
        Pool = _pool.Read(parsed),
        BallastMegabytes = parsed.GetValue(_ballast),
        StartDelay = TimeSpan.FromMilliseconds(parsed.GetValue(_startDelay)),
        WarmUpConnections = parsed.GetValue(_warmUp),
        Fault = new Fault(parsed.GetValue(_fault)),
    };

    private static UpstreamAddress? ParseUpstream(ArgumentResult result)
    {
        try
        {
            return UpstreamAddress.Parse(result.Tokens[0].Value);
        }
        catch (FormatException exception)
        {
            result.AddError(exception.Message);
            return null;
        }
    }
}
