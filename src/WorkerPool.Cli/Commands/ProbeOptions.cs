using System.CommandLine;

namespace WorkerPool.Cli.Commands;

/// <summary>The options that describe how a new worker must prove itself.</summary>
internal sealed class ProbeOptions
{
    private readonly Option<string?> _http = new("--probe-http")
    {
        Description = "Asks a new worker for a page before it gets connections; the name of the endpoint, and the path: web/health.",
        HelpName = "ENDPOINT[/PATH]",
    };

    private readonly Option<string?> _tcp = new("--probe-tcp") { Description = "Connects to a new worker before it gets connections.", HelpName = "ENDPOINT" };
    private readonly Option<string?> _send = new("--probe-send") { Description = "With --probe-tcp: what to send; \\n, \\r and \\t are understood.", HelpName = "TEXT" };
    private readonly Option<string?> _expect = new("--probe-expect") { Description = "With --probe-tcp: what the answer has to begin with.", HelpName = "TEXT" };
    private readonly Option<bool> _none = new("--no-probe") { Description = "Without the probe of the pool's own plan." };
    private readonly Option<TimeSpan?> _timeout = Arguments.Time("--probe-timeout", "The time that one attempt may take.");
    private readonly Option<TimeSpan?> _interval = Arguments.Time("--probe-interval", "The time between attempts.");
    private readonly Option<int?> _attempts = Arguments.Number("--probe-attempts", "How often to ask in all.");

    public void AddTo(Command command)
    {
        Option[] options = [_http, _tcp, _send, _expect, _timeout, _interval, _attempts, _none];
        foreach (Option option in options)
        {
            command.Options.Add(option);
        }

        command.Validators.Add(result =>
        {
            Option[] kinds = [_http, _tcp, _none];
            if (kinds.Count(option => result.GetResult(option) is not null) > 1)
            {
                result.AddError("Only one of --probe-http, --probe-tcp and --no-probe can be given.");
            }

            Option[] details = [_send, _expect, _timeout, _interval, _attempts];
            if (result.GetResult(_http) is null && result.GetResult(_tcp) is null
                && details.FirstOrDefault(option => result.GetResult(option) is not null) is Option orphan)
            {
                result.AddError($"{orphan.Name} needs --probe-http or --probe-tcp.");
            }
        });
    }

    public ProbeDescription? Read(ParseResult parsed)
    {
        if (parsed.GetValue(_none))
        {
            return new ProbeDescription { Kind = ProbeKind.None };
        }

        ProbeDescription? probe = parsed.GetValue(_http) is string http ? Http(http)
            : parsed.GetValue(_tcp) is string endpoint ? new ProbeDescription { Kind = ProbeKind.Tcp, Endpoint = endpoint }
            : null;
        return probe is null ? null : probe with
        {
            Send = Unescape(parsed.GetValue(_send)),
            Expect = Unescape(parsed.GetValue(_expect)),
            Timeout = parsed.GetValue(_timeout),
            Interval = parsed.GetValue(_interval),
            Attempts = parsed.GetValue(_attempts),
        };
    }

    internal static ProbeDescription Http(string text)
    {
        int slash = text.IndexOf('/', StringComparison.Ordinal);
        return new ProbeDescription
        {
            Kind = ProbeKind.Http,
            Endpoint = slash < 0 ? text : text[..slash],
            Path = slash < 0 ? null : text[slash..],
        };
    }

    private static string? Unescape(string? text) => text?
        .Replace("\\n", "\n", StringComparison.Ordinal).Replace("\\r", "\r", StringComparison.Ordinal).Replace("\\t", "\t", StringComparison.Ordinal);
}
