using Samples;
using WorkerPool;

namespace TcpProxy;

/// <summary>What a proxy does. Master and workers read the same command line.</summary>
internal sealed record ProxyOptions
{
    /// <summary>Where it listens, in the notation of <see cref="ListenEndpoint.Parse"/>.</summary>
    public required IReadOnlyList<string> Listen { get; init; }

    /// <summary>Where it relays to.</summary>
    public required UpstreamAddress Upstream { get; init; }

    public required PoolSettings Pool { get; init; }

    /// <summary>Memory that each worker holds beside what it needs, in units of 2^20 bytes.</summary>
    public required int BallastMegabytes { get; init; }

    /// <summary>What a worker waits before it is ready.</summary>
    public required TimeSpan StartDelay { get; init; }

    /// <summary>How many connections a worker sends through itself before it is ready.</summary>
    public required int WarmUpConnections { get; init; }

    /// <summary>How the workers are bad on purpose.</summary>
    public required Fault Fault { get; init; }
}
