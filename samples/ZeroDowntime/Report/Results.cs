using WorkerPool;
using ZeroDowntime.Kill;
using ZeroDowntime.Load;
using ZeroDowntime.Measure;

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
        Verdicts = script.Replacement.Verdicts;
        SeenInQueue = script.Replacement.SeenInQueue;
        Killed = script.Killed;
        Respawned = script.Respawned;
        Unexplained = [.. Losses.Where(loss => Killed?.Explains(loss) != true)];
    }

    public TimeSpan Duration { get; }

    public IReadOnlyList<Phase> Phases { get; }

    public Total Total { get; }

    /// <summary>Every connection that was not served whole.</summary>
    public IReadOnlyList<Loss> Losses { get; }

    /// <summary>Those of them that the killed worker did not hold. There must be none.</summary>
    public IReadOnlyList<Loss> Unexplained { get; }

    public IReadOnlyList<PhaseLatency> Latencies { get; }

    public IReadOnlyList<Sample> Samples { get; }

    /// <summary>How long one sample took, in milliseconds.</summary>
    public double SampleCost { get; }

    public IReadOnlyList<Verdict> Verdicts { get; }

    /// <summary>Connections that were seen waiting in an accept queue while their slot had no worker that accepts.</summary>
    public int SeenInQueue { get; }

    public KilledWorker? Killed { get; }

    public TimeSpan? Respawned { get; }

    /// <summary>What is wrong, a line each; empty if the demonstration passed.</summary>
    public IEnumerable<string> Faults()
    {
        if (Unexplained.Count > 0)
        {
            yield return $"{Unexplained.Count} connections were lost that the killed worker did not hold.";
        }

        // An account that does not add up would hide losses.
        if (Total.Served + Total.Lost != Total.Opened || Total.Lost != Losses.Count)
        {
            yield return $"The account is wrong: {Total.Opened} opened, {Total.Served} served, {Total.Lost} lost, "
                + $"{Losses.Count} losses reported.";
        }

        foreach (Verdict verdict in Verdicts.Where(verdict => !verdict.IsDone || verdict.ConnectionsCut > 0))
        {
            yield return $"slot {verdict.Slot}: {verdict.Outcome}, {verdict.ConnectionsCut} connections cut. {verdict.Message}";
        }

        if (Respawned is null)
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
