using System.Diagnostics.CodeAnalysis;

namespace WorkerPool.WebBenchmarks.Compare;

/// <summary>One turn of each server under one workload, in the order of the servers.</summary>
/// <param name="ForeignLoad">What part of the machine others had meanwhile.</param>
[SuppressMessage("Performance", "CA1819", Justification = "Not changed.")]
internal sealed record Round(Turn[] Turns, double ForeignLoad);
