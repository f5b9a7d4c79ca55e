namespace WorkerPool;

/// <summary>A named address that a pool listens on.</summary>
public sealed class ListenEndpoint
{
    /// <summary>The name.</summary>
    public string Name { get; } = "";

    /// <summary>Parses.</summary>
    public static ListenEndpoint Parse(string name, string address) => throw new NotImplementedException();
}
