using System.Globalization;
using ZeroDowntime.Load;
using ZeroDowntime.Rolls;

namespace ZeroDowntime.Report;

/// <summary>The results for people.</summary>
internal static class ResultText
{
    private const int LossesShown = 20;

    public static void Write(Results results, DemoOptions options, TextWriter output)
    {
        output.WriteLine();
        WriteConnections(results, output);
        output.WriteLine();
        WritePhases(results, output);
        output.WriteLine();
        WriteRolls(results, output);
        WriteVerdict(results, options, output);
    }

    private static void WriteConnections(Results results, TextWriter output)
    {
        Total total = results.Total;
        output.WriteLine(Text(
            $"connections  {total.Opened:N0}: {total.Requests:N0} requests, {total.Streams:N0} streams, {total.Waiting:N0} that waited first"));
        output.WriteLine(Text($"served whole {total.Served:N0}, {total.BytesVerified / 1e6:N0} MB there and back, every byte compared"));
        output.WriteLine(Text($"in queues    {results.SeenInQueue:N0} seen waiting while their slot had no worker that accepts"));
        output.WriteLine("lost         " + string.Join(", ", Enum.GetValues<LossClass>().Select(kind =>
            Text($"{kind.ToString().ToLowerInvariant()} {results.Losses.Count(loss => loss.Class == kind)}"))));
        if (results.Killed.Count > 0)
        {
            int explained = results.Losses.Count - results.Unexplained.Count;
            int held = results.Killed.Sum(killed => killed.ClientPorts.Count);
            output.WriteLine(Text($"             {explained} of these were held by a worker when it was killed ({held} were)"));
        }

        output.WriteLine(Text($"             {results.Unexplained.Count} others"));
        foreach (Loss loss in results.Unexplained.Take(LossesShown))
        {
            output.WriteLine($"             {loss.Class} {loss.Kind} of phase {loss.Phase}, port {loss.Port}: {loss.Detail}");
        }
    }

    private static void WritePhases(Results results, TextWriter output)
    {
        double steadyMemory = results.SteadyMegabytes();
        PhaseLatency? steady = results.Latency(Script.Steady);
        output.WriteLine(
            "phase           seconds   requests     p50 ms     p99 ms   p99.9 ms     max ms   p99 ratio   peak MB   memory ratio");
        foreach (string phase in results.Phases.Select(phase => phase.Name).Distinct())
        {
            double seconds = results.Phases.Where(played => played.Name == phase).Sum(played => played.Length.TotalSeconds);
            PhaseLatency latency = results.Latency(phase) ?? new PhaseLatency(phase, 0, 0, 0, 0, 0);
            double peak = results.PeakMegabytes(phase);
            output.Write(Text($"{phase,-14} {seconds,8:0.0} {latency.Requests,10:N0} {latency.P50,10:0.00} {latency.P99,10:0.00} "));
            output.Write(Text($"{latency.P999,10:0.00} {latency.Max,10:0.00} {latency.P99 / steady?.P99,11:0.0} "));
            output.WriteLine(Text($"{peak,9:0} {peak / steadyMemory,14:0.000}"));
        }

        output.Write(Text($"memory: PSS of master and workers, sampled {results.Samples.Count:N0} times "));
        output.WriteLine(Text($"at {results.SampleCost:0.0} ms each; steady median {steadyMemory:0} MB"));
    }

    private static void WriteRolls(Results results, TextWriter output)
    {
        foreach (RollResult roll in results.Rolls)
        {
            string least = Text($"never fewer than {roll.LeastReady} of {results.Options.Workers} workers ready");
            output.WriteLine(Text($"release {roll.Name}: {roll.Verdict.Outcome} in {roll.Verdict.Duration.TotalSeconds:0.0} s; {least}"));
            if (roll.Verdict.IsDone)
            {
                continue;
            }

            output.WriteLine(Text($"    {roll.Verdict.Reason}: {roll.Verdict.Message}"));
            foreach (string line in roll.Verdict.LastErrorLines)
            {
                output.WriteLine($"    its last lines: {line}");
            }

            output.Write(Text($"    detected {roll.Detected?.TotalSeconds:0.00} s after its first worker was started, "));
            output.Write(Text($"restored {roll.Restored?.TotalSeconds:0.00} s later; "));
            output.WriteLine(roll.RunsOld ? "every slot runs the old release" : "NOT every slot runs the old release");
        }
    }

    private static void WriteVerdict(Results results, DemoOptions options, TextWriter output)
    {
        foreach (string fault in results.Faults())
        {
            output.WriteLine($"FAULT: {fault}");
        }

        string outcome = results.Passed ? "PASSED: nothing was lost but what a killed worker held" : "FAILED";
        string respawn = results.Respawned is TimeSpan time ? Text($"; its slot was ready again after {time.TotalSeconds:0.00} s") : "";
        output.WriteLine(Text($"{outcome}{respawn}. {results.Duration.TotalSeconds:0} s, picture: {options.Picture}"));
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
