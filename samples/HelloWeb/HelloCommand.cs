using System.CommandLine;
using System.CommandLine.Parsing;
using Samples;
using WorkerPool;

namespace HelloWeb;

/// <summary>The command line of the server.</summary>
internal sealed class HelloCommand
{
    private const int MaxBallastMegabytes = 1_048_576;
    private const int MaxResponseBytes = 1 << 30;
    private const int MaxMilliseconds = 3_600_000;
    private const int MaxRounds = 100_000;

    private readonly PoolCommand _pool = new();

    private readonly Option<string[]> _listen = CommandLine.Endpoints("--listen", "Where to listen for HTTP/1.1.");
    private readonly Option<string[]> _listenHttps = CommandLine.Endpoints(
        "--listen-https", "Where to listen for HTTPS, with a certificate that nobody trusts.");

    private readonly Option<string[]> _listenHttp2 = CommandLine.Endpoints("--listen-h2c", "Where to listen for HTTP/2 without TLS.");

    private readonly Option<int> _ballast = CommandLine.Number(
        "--ballast-mb", "N", "Memory that each worker fills and keeps, to make its size visible.", 0, 0, MaxBallastMegabytes);

    private readonly Option<int> _responseBytes = CommandLine.Number(
        "--response-bytes", "N", "The size of the answer to /; 0: a greeting.", 0, 0, MaxResponseBytes);

    private readonly Option<int> _delay = CommandLine.Number("--delay-ms", "N", "What the answer to / waits for.", 0, 0, MaxMilliseconds);

    private readonly Option<int> _startDelay = CommandLine.Number(
        "--start-delay-ms", "N", "What a worker waits before it is ready.", 0, 0, MaxMilliseconds);

    private readonly Option<int> _warmUp = CommandLine.Number(
        "--warm-up", "N", "How often a worker asks itself for / on each endpoint before it is ready.", 10, 0, MaxRounds);

    private readonly Option<int> _idleClose = CommandLine.Number(
        "--idle-close-ms", "N", "Over how long a draining worker closes its idle connections.", 5000, 0, MaxMilliseconds);

    private readonly Option<bool> _plain = new("--plain")
    {
        Description = "No pool: Kestrel alone, in one process that shares its addresses with others by SO_REUSEPORT, to compare with.",
        Hidden = true,
    };

    /// <summary>Reads the command line and runs the server; says what is wrong if it is not valid.</summary>
    public static Task<int> InvokeAsync(IReadOnlyList<string> arguments, Func<HelloOptions, Task<int>> run)
    {
        HelloCommand command = new();
        RootCommand root = new("Says hello over HTTP: /, /slow, /stream, /ws. SIGHUP to the master rolls out what its files are now.")
        {
            command._listen, command._listenHttps, command._listenHttp2,
            command._ballast, command._responseBytes, command._delay, command._startDelay, command._warmUp,
            command._idleClose, command._plain,
        };
        root.Validators.Add(command.CheckAny);
        command._pool.AddTo(root);
        root.SetAction((parsed, _) => run(command.Read(parsed)));
        return CommandLine.InvokeAsync(root.Parse(arguments), HelloProgram.Name, SamplePool.BadUsage);
    }

    private HelloOptions Read(ParseResult parsed) => new()
    {
        Listen = parsed.GetValue(_listen) ?? [],
        ListenHttps = parsed.GetValue(_listenHttps) ?? [],
        ListenHttp2 = parsed.GetValue(_listenHttp2) ?? [],
        Pool = _pool.Read(parsed),
        BallastMegabytes = parsed.GetValue(_ballast),
        ResponseBytes = parsed.GetValue(_responseBytes) is > 0 and int bytes ? bytes : null,
        Delay = TimeSpan.FromMilliseconds(parsed.GetValue(_delay)),
        StartDelay = TimeSpan.FromMilliseconds(parsed.GetValue(_startDelay)),
        WarmUpRounds = parsed.GetValue(_warmUp),
        IdleCloseTime = TimeSpan.FromMilliseconds(parsed.GetValue(_idleClose)),
        IsPlain = parsed.GetValue(_plain),
    };

    private void CheckAny(CommandResult result)
    {
        if (result.GetResult(_listen) is null && result.GetResult(_listenHttps) is null && result.GetResult(_listenHttp2) is null)
        {
            result.AddError("There is nowhere to listen; give --listen HOST:PORT.");
        }
    }
}
