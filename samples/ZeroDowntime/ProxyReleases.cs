using WorkerPool;
using ZeroDowntime.Roles;

namespace ZeroDowntime;

/// <summary>The releases of the proxy that the workers run. Immutable.</summary>
internal sealed class ProxyReleases(DemoOptions options, string address, string originPort)
{
    // Enough that the first client meets compiled code.
    private const int WarmUpConnections = 200;

    private static readonly byte[] Question = "Do you relay?"u8.ToArray();

    /// <summary>Bytes through the new worker to the origin and back, before it gets a client.</summary>
    public static HealthProbe Probe { get; } = HealthProbe.Tcp(Stage.Endpoint, Question, Question) with
    {
        Timeout = TimeSpan.FromSeconds(1),
        Interval = TimeSpan.FromMilliseconds(100),
    };

    /// <param name="label">Its version.</param>
    /// <param name="fault">How it is bad; null: it is good.</param>
    public Release Create(string label, string? fault = null) => Release.Current(label,
    [
        Role.Proxy, "--listen", address, "--upstream", $"127.0.0.1:{originPort}",
        "--ballast-mb", $"{options.BallastMegabytes}",
        "--start-delay-ms", $"{options.StartDelayMilliseconds}",
        "--warm-up", $"{WarmUpConnections}",
        .. fault is null ? (string[])[] : ["--fault", fault],
    ]);
}
