using Spectre.Console;
using WorkerPool.Operation;

namespace WorkerPool.Cli.Output;

/// <summary>How far a rollout is: a bar on a terminal, plain lines otherwise, JSON if that was asked for.</summary>
internal static class RollProgress
{
    public static async Task<Verdict> ShowAsync(Invocation invocation, bool plain, Func<IProgress<PoolEvent>, Task<Verdict>> roll)
    {
        if (invocation.Json)
        {
            return await roll(new Reporter(happened => invocation.WriteJson(new Answer { Event = happened })));
        }

        return plain || Console.IsOutputRedirected ? await roll(new Reporter(WriteLine)) : await ShowBarAsync(roll);
    }

    private static Task<Verdict> ShowBarAsync(Func<IProgress<PoolEvent>, Task<Verdict>> roll) => AnsiConsole.Progress()
        .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new ElapsedTimeColumn())
        .StartAsync(async context =>
        {
            ProgressTask bar = context.AddTask("rollout", new ProgressTaskSettings { MaxValue = 1 });
            Verdict verdict = await roll(new Reporter(happened =>
            {
                if (happened.Rollout is RolloutProgress progress)
                {
                    bar.MaxValue = Math.Max(1, progress.Total);
                    bar.Value = progress.Done;
                    bar.Description = Markup.Escape($"{progress.State}, {progress.Done} of {progress.Total}");
                }
            }));
            bar.StopTask();
            return verdict;
        });

    private static void WriteLine(PoolEvent happened)
    {
        string progress = happened.Rollout is RolloutProgress rollout ? $"{rollout.Done}/{rollout.Total} " : "";
        Console.Out.WriteLine($"{progress}{EventText.Of(happened)}");
    }

    /// <summary>Reports at once and in order, which Progress does not.</summary>
    private sealed class Reporter(Action<PoolEvent> report) : IProgress<PoolEvent>
    {
        public void Report(PoolEvent value) => report(value);
    }
}
