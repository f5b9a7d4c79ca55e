namespace WorkerPool;

/// <summary>A release as it is described to a master in another process, which resolves it: see <see cref="Release.Create"/>.</summary>
public sealed record ReleaseDescription
{
    /// <summary>A path, absolute or relative to the master's current directory; or a name without a slash, looked up in the master's <c>PATH</c>.</summary>
    public required string Executable { get; init; }

    /// <summary>The arguments. Default: none.</summary>
    public IReadOnlyList<string>? Arguments { get; init; }

    /// <summary>See <see cref="Release.Label"/>, also for the default.</summary>
    public string? Label { get; init; }

    /// <summary>Default: the master's current directory.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>What differs from the master's environment, see <see cref="Release.Environment"/>. Default: nothing.</summary>
    public IReadOnlyDictionary<string, string?>? Environment { get; init; }
}
