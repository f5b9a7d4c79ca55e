namespace ZeroDowntime.Measure;

/// <summary>Memory and versions at one moment. Immutable.</summary>
/// <param name="Time">Since the start of the demonstration.</param>
/// <param name="Megabytes">The memory of the master and all workers together.</param>
/// <param name="OfProcess">The memory of each, by process id.</param>
/// <param name="Ready">How many workers of each release are ready, by label.</param>
internal sealed record Sample(
    TimeSpan Time, double Megabytes, IReadOnlyDictionary<int, double> OfProcess, IReadOnlyDictionary<string, int> Ready)
{
    public static Sample Empty { get; } = new(TimeSpan.Zero, 0, new Dictionary<int, double>(), new Dictionary<string, int>());
}
