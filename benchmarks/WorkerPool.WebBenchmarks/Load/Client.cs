namespace WorkerPool.WebBenchmarks.Load;

/// <summary>One place for a connection of the load generator.</summary>
internal sealed class Client
{
    private const int LargestResponse = 8 * 1024;

    public const int NoDescriptor = -1;

    public int Descriptor { get; set; } = NoDescriptor;

    /// <summary>When the request in progress was due; 0: there is none.</summary>
    public long Due { get; set; }

    /// <summary>Whether the request waits for the connection to be writable.</summary>
    public bool WaitsToSend { get; set; }

    public byte[] Received { get; } = new byte[LargestResponse];

    public int ReceivedCount { get; set; }
}
