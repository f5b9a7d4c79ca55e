using WorkerPool;

namespace YarpProxy;

/// <summary>What the command line says. Master and workers read the same one.</summary>
internal sealed record ProxyOptions
{
    /// <summary>Where it listens, in the notation of <see cref="ListenEndpoint.Parse"/>.</summary>
    public required IReadOnlyList<string> Listen { get; init; }

    public required int Workers { get; init; }

    /// <summary>The file with the routes and clusters, which each worker reads when it starts; an absolute path.</summary>
    public required string ConfigurationFile { get; init; }

    /// <summary>The label of the release; null: the library's default.</summary>
    public string? Label { get; init; }

    /// <summary>How long a new worker must serve without dying before a rollout goes on.</summary>
    public required TimeSpan Bake { get; init; }

    public required TimeSpan DrainDeadline { get; init; }
}
