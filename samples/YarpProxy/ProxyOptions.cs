using Samples;
using WorkerPool;

namespace YarpProxy;

/// <summary>What the command line says. Master and workers read the same one.</summary>
internal sealed record ProxyOptions
{
    /// <summary>Where it listens, in the notation of <see cref="ListenEndpoint.Parse"/>.</summary>
    public required IReadOnlyList<string> Listen { get; init; }

    public required PoolSettings Pool { get; init; }

    /// <summary>The file with the routes and clusters, which each worker reads when it starts; an absolute path.</summary>
    public required string ConfigurationFile { get; init; }
}
