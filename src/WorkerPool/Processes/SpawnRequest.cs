using WorkerPool.Interop;
using WorkerPool.Processes.Privileges;

namespace WorkerPool.Processes;

/// <summary>A child to be started.</summary>
internal sealed record SpawnRequest
{
    /// <summary>What it runs.</summary>
    public required Release Release { get; init; }

    /// <summary>What it gets besides the standard streams, as 3, 4, 5 … in this order. They stay the caller's.</summary>
    public IReadOnlyList<Descriptor> Descriptors { get; init; } = [];

    /// <summary>What becomes its standard error; null: the one of this process. It stays the caller's.</summary>
    public Descriptor? StandardError { get; init; }

    /// <summary>Variables that it gets unless the environment of this process, or the release, has them.</summary>
    public IReadOnlyDictionary<string, string> Defaults { get; init; } = new Dictionary<string, string>();

    /// <summary>What it has otherwise than this process.</summary>
    public ChildSettings Settings { get; init; } = ChildSettings.Inherited;

    /// <summary>What the library itself tells it; wins over everything.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();
}
