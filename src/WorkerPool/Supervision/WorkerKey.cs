using System.Globalization;

namespace WorkerPool.Supervision;

/// <summary>Which worker: the slot and its running number there. Never used twice in the life of a pool.</summary>
internal readonly record struct WorkerKey(int Slot, int Generation)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"slot {Slot} generation {Generation}");
}
