using System.Collections.Concurrent;

namespace WorkerPool.AspNetCore.Connections;

/// <summary>The connections of clients that Kestrel serves at the moment. Thread-safe.</summary>
internal sealed class WorkerConnections
{
    private readonly ConcurrentDictionary<WorkerConnection, bool> _live = new();

    public bool IsEmpty => _live.IsEmpty;

    public void Add(WorkerConnection connection) => _live.TryAdd(connection, true);

    public void Remove(WorkerConnection connection) => _live.TryRemove(connection, out _);

    public List<WorkerConnection> ToList() => [.. _live.Keys];
}
