using System.CommandLine;
using System.CommandLine.Parsing;
using WorkerPool;
using ZeroDowntime.Load;
using ZeroDowntime.Rolls;

namespace ZeroDowntime;

/// <summary>The command line of the demonstration.</summary>
internal sealed class DemoCommand
{
    private const int Failed = 1;
    private const int BadUsage = 2;

    private readonly Option<double> _rate = Number("--rate", "Requests in a second, each on its own connection.", 500.0, 1, 20_000);
    private readonly Option<int> _streams = Number("--streams", "Long-lived connections.", 16, 0, 10_000);
    private readonly Option<int> _waiting = Number(
        "--waiting", "Connections that wait before and during each replacement.", 16, 0, 1_000);
    private readonly Option<int> _workers = Number("--workers", "Workers.", 4, 1, 64);
    private readonly Option<int> _ballast = Number("--ballast-mb", "Memory that each worker fills.", 100, 0, 100_000);
    private readonly Option<double> _seconds = Number("--seconds", "The length of the steady phase.", 8.0, 1, 3_600);
    private readonly Option<double> _drain = Number(
        "--drain-seconds", "The time to drain. Too little loses connections: see that it says so.", 60.0, 0, 3_600);

    private readonly Option<bool> _allAtOnce = new("--all-at-once")
    {
        Description = "Start all new workers, then stop all old ones, for comparison.",
    };

    private readonly Option<string?> _bad = new("--bad")
    {
        Description = "Roll out a release that is bad in this way, and see that it is rolled back.",
    };

    private readonly Option<bool> _noSteering = new("--no-steering")
    {
        Description = "Let the kernel give connections to slots without a worker, for comparison.",
    };

    private readonly Option<int> _startDelay = Number("--start-delay-ms", "What each worker waits before it is ready.", 0, 0, 20_000);

    private readonly Option<bool> _quick = new("--quick")
    {
        Description = "Short phases, short streams, 20 MB: for tests.",
    };

    private readonly Option<bool> _plain = new("--plain")
    {
        Description = "Lines instead of a live table.",
    };

    private readonly Option<string> _picture = new("--picture")
    {
        Description = "Where the picture goes (SVG).",
        HelpName = "PATH",
        DefaultValueFactory = _ => "zero-downtime.svg",
    };

    private readonly Option<string?> _json = new("--json")
    {
        Description = "Where the results go as JSON.",
        HelpName = "PATH",
    };

    private DemoCommand()
    {
        _bad.AcceptOnlyFromAmong([.. BadRelease.Kinds.Keys]);
        _picture.Validators.Add(CheckDirectory);
        _json.Validators.Add(CheckDirectory);
    }

    public static async Task<int> InvokeAsync(string[] arguments)
    {
        DemoCommand command = new();
        RootCommand root = new("Replaces every worker of a proxy under load, kills one, and counts what clients lost.")
        {
            command._rate, command._streams, command._waiting, command._workers, command._ballast, command._seconds,
            command._drain, command._startDelay, command._allAtOnce, command._bad, command._noSteering, command._quick, command._plain, command._picture, command._json,
        };
        root.Validators.Add(result =>
        {
            if (result.GetValue(command._allAtOnce) && result.GetValue(command._bad) is not null)
            {
                result.AddError("--all-at-once and --bad are two demonstrations: choose one.");
            }
        });
        root.SetAction((parsed, cancellation) => RunAsync(command.Read(parsed), cancellation));
        ParseResult parsed = root.Parse(arguments);
        foreach (ParseError error in parsed.Errors)
        {
            await Console.Error.WriteLineAsync($"ZeroDowntime: {error.Message}");
        }

        return parsed.Errors.Count > 0
            ? BadUsage
            : await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
    }

    private static async Task<int> RunAsync(DemoOptions options, CancellationToken cancellationToken)
    {
        try
        {
            return await Demo.RunAsync(options, cancellationToken) ? 0 : Failed;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync("ZeroDowntime: stopped before its end; there is no verdict.");
            return Failed;
        }
        catch (Exception exception) when (exception is CommandException or SystemCallException or IOException)
        {
            await Console.Error.WriteLineAsync($"ZeroDowntime: {exception.Message}");
            return Failed;
        }
    }

    private DemoOptions Read(ParseResult parsed)
    {
        bool quick = parsed.GetValue(_quick);
        return new DemoOptions
        {
            Workers = parsed.GetValue(_workers),
            BallastMegabytes = Chosen(parsed, _ballast, quick ? 20 : null),
            AllAtOnce = parsed.GetValue(_allAtOnce),
            Bad = parsed.GetValue(_bad),
            Steering = !parsed.GetValue(_noSteering),
            StartDelayMilliseconds = parsed.GetValue(_startDelay),
            Bake = TimeSpan.FromSeconds(1),
            Load = new LoadOptions
            {
                Rate = parsed.GetValue(_rate),
                Streams = parsed.GetValue(_streams),
                MinStreamLife = TimeSpan.FromSeconds(quick ? 0.2 : 1.5),
                MaxStreamLife = TimeSpan.FromSeconds(quick ? 0.5 : 3),
            },
            Waiting = parsed.GetValue(_waiting),
            WarmUp = TimeSpan.FromSeconds(quick ? 1 : 3),
            Steady = TimeSpan.FromSeconds(Chosen(parsed, _seconds, quick ? 2 : null)),
            Pause = TimeSpan.FromSeconds(quick ? 0.5 : 2),
            DrainDeadline = TimeSpan.FromSeconds(parsed.GetValue(_drain)),
            Picture = parsed.GetValue(_picture)!,
            Json = parsed.GetValue(_json),
            Plain = parsed.GetValue(_plain),
        };
    }

    // What was asked for, else what a quick run takes, else the default.
    private static T Chosen<T>(ParseResult parsed, Option<T> option, T? quick)
        where T : struct =>
        quick is T shortened && parsed.GetResult(option) is null or { Implicit: true } ? shortened : parsed.GetValue(option);

    private static Option<T> Number<T>(string name, string description, T standard, T min, T max)
        where T : IComparable<T>
    {
        Option<T> option = new(name)
        {
            Description = $"{description} {min} to {max}.",
            HelpName = "N",
            DefaultValueFactory = _ => standard,
        };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && !result.Errors.Any() && result.GetValueOrDefault<T>() is T value
                && (value.CompareTo(min) < 0 || value.CompareTo(max) > 0))
            {
                result.AddError($"{name} is {value}; it may be {min} to {max}.");
            }
        });
        return option;
    }

    // Found out now, not after a minute.
    private static void CheckDirectory(OptionResult result)
    {
        if (result.Tokens is [Token token] && !Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(token.Value))))
        {
            result.AddError($"{token.Value} cannot be written: there is no such directory.");
        }
    }
}
