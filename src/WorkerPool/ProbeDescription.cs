namespace WorkerPool;

/// <summary>A <see cref="HealthProbe"/> as it is described to a master in another process. What is null has its default.</summary>
public sealed record ProbeDescription
{
    /// <summary>How to ask. <see cref="ProbeKind.None"/> switches off what the pool's own plan has.</summary>
    public required ProbeKind Kind { get; init; }

    /// <summary>The name of the endpoint; needed unless the kind is <see cref="ProbeKind.None"/>.</summary>
    public string? Endpoint { get; init; }

    /// <summary>TCP: what to send first, as UTF-8. Default: nothing.</summary>
    public string? Send { get; init; }

    /// <summary>TCP: what the answer has to begin with, as UTF-8. Default: see <see cref="HealthProbe.Tcp"/>.</summary>
    public string? Expect { get; init; }

    /// <summary>HTTP: the path. Default <c>/</c>.</summary>
    public string? Path { get; init; }

    /// <summary>HTTP: the least status that is healthy. Default 200.</summary>
    public int? MinStatus { get; init; }

    /// <summary>HTTP: the largest status that is healthy. Default 299.</summary>
    public int? MaxStatus { get; init; }

    /// <summary>HTTP: the <c>Host</c> header. Default <c>localhost</c>.</summary>
    public string? Host { get; init; }

    /// <summary>See <see cref="HealthProbe.Timeout"/>.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>See <see cref="HealthProbe.Attempts"/>.</summary>
    public int? Attempts { get; init; }

    /// <summary>See <see cref="HealthProbe.Interval"/>.</summary>
    public TimeSpan? Interval { get; init; }
}
