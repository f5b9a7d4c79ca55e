using WorkerPool.Interop;
using WorkerPool.Sockets;
using WorkerPool.Supervision;

namespace WorkerPool.Probes;

/// <summary>A worker as a probe sees it.</summary>
internal sealed record ProbeTarget
{
    public required WorkerKey Key { get; init; }

    public required int ProcessId { get; init; }

    public required string Label { get; init; }

    public required IReadOnlyList<ListenEndpoint> Endpoints { get; init; }

    /// <summary>Gives it a copy of a connection of the endpoint with that index. Called from any thread.</summary>
    public required Func<int, Descriptor, SendResult> Pass { get; init; }

    /// <summary>Completes when its process has ended.</summary>
    public required Task<ExitStatus> Exited { get; init; }
}
