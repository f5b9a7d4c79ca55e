namespace WorkerPool.Supervision;

/// <summary>The memory of the machine and of the workers at one moment, as a rollout has to know it.</summary>
/// <param name="Available">What further processes may take.</param>
/// <param name="Workers">What each running worker takes.</param>
internal sealed record MemoryReading(MemoryAmount Available, IReadOnlyList<WorkerMemory> Workers);

/// <summary>An amount of memory, or why it is not known.</summary>
/// <param name="Bytes">The amount in bytes; null if it is not known.</param>
/// <param name="Source">What it was taken from, or why it could not be.</param>
internal readonly record struct MemoryAmount(long? Bytes, string Source);

/// <summary>What one worker takes.</summary>
internal sealed record WorkerMemory(int ProcessId, MemoryAmount Amount);
