using WorkerPool;

namespace TcpProxy;

/// <summary>What a proxy does. Master and workers read the same command line.</summary>
internal sealed record ProxyOptions
{
    /// <summary>Where it listens, in the notation of <see cref="ListenEndpoint.Parse"/>.</summary>
    public required IReadOnlyList<string> Listen { get; init; }

    /// <summary>Where it relays to.</summary>
    public required UpstreamAddress Upstream { get; init; }

    public required int Workers { get; init; }

    /// <summary>The label of the release; null: the library's default.</summary>
    public string? Label { get; init; }

    /// <summary>Memory that each worker holds beside what it needs, in units of 2^20 bytes.</summary>
    public required int BallastMegabytes { get; init; }

    /// <summary>Which worker of a slot goes first in a rollout; null: as the memory allows.</summary>
    public required ReplaceOrder? Order { get; init; }

    /// <summary>How long a new worker must serve without dying before a rollout goes on.</summary>
    public required TimeSpan Bake { get; init; }

    /// <summary>What a worker waits before it is ready.</summary>
    public required TimeSpan StartDelay { get; init; }

    /// <summary>How many connections a worker sends through itself before it is ready.</summary>
    public required int WarmUpConnections { get; init; }

    public required TimeSpan DrainDeadline { get; init; }

    /// <summary>Where the control socket is; null: there is none.</summary>
    public string? Control { get; init; }

    /// <summary>How the workers are bad on purpose.</summary>
    public required Fault Fault { get; init; }

    public Release CurrentRelease() => Release.Current(Label);
}
