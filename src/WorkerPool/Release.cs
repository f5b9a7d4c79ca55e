namespace WorkerPool;

/// <summary>What a worker runs.</summary>
public sealed class Release
{
    /// <summary>The label.</summary>
    public string Label { get; } = "";

    /// <summary>This program.</summary>
    public static Release Current(string? label = null) => throw new NotImplementedException();
}
