using System.Globalization;

namespace WorkerPool.WebBenchmarks.Rollouts;

/// <summary><c>rollouts [--rollouts N] [--processes N] [--rate N] … pool|plain=COMMAND</c>, where the command runs HelloWeb.</summary>
internal sealed class RolloutOptions
{
    public int Rollouts { get; private set; } = 20;

    public int Processes { get; private set; } = 2;

    /// <summary>Connections per second, one request each.</summary>
    public double Rate { get; private set; } = 300;

    public int KeepAlive { get; private set; } = 100;

    public int Seldom { get; private set; } = 100;

    public int Http2 { get; private set; } = 20;

    public int WebSockets { get; private set; } = 50;

    /// <summary>Of the pool: WebSockets live so long in a drain.</summary>
    public double DrainSeconds { get; private set; } = 2;

    /// <summary>Before the first rollout.</summary>
    public double BeforeSeconds { get; private set; } = 10;

    public bool IsPool { get; private set; }

    public string[] Command { get; private set; } = [];

    public static RolloutOptions Parse(string[] arguments)
    {
        RolloutOptions options = new();
        for (int i = 0; i < arguments.Length; i++)
        {
            if (arguments[i].StartsWith("--", StringComparison.Ordinal))
            {
                options.Set(arguments[i], double.Parse(arguments[++i], CultureInfo.InvariantCulture));
                continue;
            }

            string[] parts = arguments[i].Split('=', 2);
            options.IsPool = parts[0] == "pool";
            options.Command = parts[1].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        }

        return options.Command.Length > 0 ? options : throw new FormatException("Give pool=COMMAND or plain=COMMAND.");
    }

    private void Set(string name, double value) => _ = name switch
    {
        "--rollouts" => Rollouts = (int)value,
        "--processes" => Processes = (int)value,
        "--rate" => Rate = value,
        "--keep-alive" => KeepAlive = (int)value,
        "--seldom" => Seldom = (int)value,
        "--http2" => Http2 = (int)value,
        "--web-sockets" => WebSockets = (int)value,
        "--drain" => DrainSeconds = value,
        "--before" => BeforeSeconds = value,
        _ => throw new FormatException($"There is no option {name}."),
    };
}
