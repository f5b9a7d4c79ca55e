using ZeroDowntime.Kill;
using ZeroDowntime.Load;
using ZeroDowntime.Measure;
using ZeroDowntime.Rolls;

namespace ZeroDowntime.Report;

/// <summary>What came of it. Immutable.</summary>
internal sealed class Results
{
    public Results(Stage stage, Script script, Total total, Sampler sampler)
    {
        Duration = stage.Now;
        Phases = stage.Phases;
        Total = total;
        Losses = stage.Clients.Losses;
        Latencies = [.. stage.Clients.Latencies];
        Samples = sampler.Samples;
        SampleCost = sampler.CostMilliseconds;
        Options = stage.Options;
        Rolls = script.Rolls.Results;
        SeenInQueue = script.Rolls.SeenInQueue;
        Killed = script.Killed;
        Respawned = script.Respawned;
        Unexplained = [.. Losses.Where(loss => !Killed.Any(killed => killed.Explains(loss)))];
    }

    public TimeSpan Duration { get; }

    public IReadOnlyList<Phase> Phases { get; }

    public Total Total { get; }

    /// <summary>Every connection that was not served whole.</summary>
    public IReadOnlyList<Loss> Losses { get; }

    /// <summary>Those of them that no killed worker held. There must be none.</summary>
    public IReadOnlyList<Loss> Unexplained { get; }

    public IReadOnlyList<PhaseLatency> Latencies { get; }

    public IReadOnlyList<Sample> Samples { get; }

    /// <summary>How long one sample took, in milliseconds.</summary>
    public double SampleCost { get; }

    public DemoOptions Options { get; }

    public IReadOnlyList<RollResult> Rolls { get; }

    /// <summary>Connections that were seen waiting in an accept queue while their slot had no worker that accepts.</summary>
    public int SeenInQueue { get; }

    public IReadOnlyList<KilledWorker> Killed { get; }

    public TimeSpan? Respawned { get; }

    /// <summary>What is wrong, a line each; empty if the demonstration passed.</summary>
    public IEnumerable<string> Faults()
    {
        if (Unexplained.Count > 0)
        {
            yield return $"{Unexplained.Count} connections were lost that no killed worker held.";
        }

        // An account that does not add up would hide losses.
        if (Total.Served + Total.Lost != Total.Opened || Total.Lost != Losses.Count)
        {
            yield return $"The account is wrong: {Total.Opened} opened, {Total.Served} served, {Total.Lost} lost, "
                + $"{Losses.Count} losses reported.";
        }

        foreach (string fault in Rolls.SelectMany(roll => roll.Faults(Options.Workers)))
        {
            yield return fault;
        }

        if (Options.Bad is null && Respawned is null)
        {
            yield return "The killed worker had no successor in time.";
        }
    }

    public bool Passed => !Faults().Any();

    /// <summary>The usual memory: the median of the steady phase, in units of 2^20 bytes.</summary>
    public double SteadyMegabytes()
    {
        double[] sorted = [.. SamplesOf(Script.Steady).Order()];
        return sorted.Length == 0 ? double.NaN : sorted[sorted.Length / 2];
    }

    /// <summary>The most memory in a phase.</summary>
    public double PeakMegabytes(string phase) => SamplesOf(phase).DefaultIfEmpty(double.NaN).Max();

    public PhaseLatency? Latency(string phase) => Latencies.FirstOrDefault(latency => latency.Phase == phase);

    private IEnumerable<double> SamplesOf(string phase) =>
        from sample in Samples
        where Phases.Any(played => played.Name == phase && played.Start <= sample.Time && sample.Time <= played.End)
        select sample.Megabytes;
}
