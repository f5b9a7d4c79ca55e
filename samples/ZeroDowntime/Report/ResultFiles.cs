using System.Text.Json;
using System.Text.Json.Serialization;

namespace ZeroDowntime.Report;

/// <summary>The results for programs, and the picture.</summary>
internal static class ResultFiles
{
    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        Converters = { new JsonStringEnumConverter() },
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    public static async Task WriteAsync(Results results, DemoOptions options)
    {
        await File.WriteAllTextAsync(options.Picture, new Picture(results).ToSvg());
        if (options.Json is not null)
        {
            await File.WriteAllTextAsync(options.Json, JsonSerializer.Serialize(Summarize(results), Json));
        }
    }

    private static object Summarize(Results results) => new
    {
        results.Passed,
        Faults = results.Faults(),
        Seconds = results.Duration.TotalSeconds,
        Connections = results.Total,
        results.SeenInQueue,
        results.Losses,
        UnexplainedLosses = results.Unexplained.Count,
        HeldByKilled = results.Killed.Sum(killed => killed.ClientPorts.Count),
        RespawnSeconds = results.Respawned?.TotalSeconds,
        results.Latencies,
        SteadyMegabytes = results.SteadyMegabytes(),
        Memory = results.Phases.Select(phase => phase.Name).Distinct().Select(phase => new
        {
            Phase = phase,
            PeakMegabytes = results.PeakMegabytes(phase),
            Ratio = results.PeakMegabytes(phase) / results.SteadyMegabytes(),
        }),
        SampleMilliseconds = results.SampleCost,
        Rollouts = results.Rolls.Select(roll => new
        {
            Release = roll.Plan.Release.Label,
            roll.Plan.Order,
            roll.Verdict.Outcome,
            roll.Verdict.Reason,
            roll.Verdict.Message,
            roll.Verdict.Duration.TotalSeconds,
            roll.LeastReady,
            DetectedSeconds = roll.Detected?.TotalSeconds,
            RestoredSeconds = roll.Restored?.TotalSeconds,
        }),
    };
}
