namespace WorkerPool.Control;

/// <summary>The versions of the protocol that this library speaks, both inclusive; see docs/worker-protocol.md.</summary>
internal static class ControlProtocol
{
    public const int MinVersion = 1;
    public const int MaxVersion = 1;
}
