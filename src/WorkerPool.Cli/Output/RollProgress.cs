using Spectre.Console;
using WorkerPool.Operation;

namespace WorkerPool.Cli.Output;

/// <summary>How far a rollout is: lines, on a terminal with a bar under them; JSON if that was asked for.</summary>
internal static class RollProgress
{
    public static async Task<Verdict> ShowAsync(Invocation invocation, bool plain, Func<IProgress<PoolEvent>, Task<Verdict>> roll)
    {
        if (invocation.Json)
        {
            return await roll(new Reporter(happened => invocation.WriteJson(new Answer { Event = happened })));
        }

        RollLines lines = new();
        return plain || Console.IsOutputRedirected
            ? await roll(new Reporter(happened => Write(lines.Of(happened), Console.Out.WriteLine)))
            : await ShowBarAsync(lines, roll);
    }

    private static Task<Verdict> ShowBarAsync(RollLines lines, Func<IProgress<PoolEvent>, Task<Verdict>> roll) => AnsiConsole.Progress()
        .AutoClear(true)
        .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new ElapsedTimeColumn())
        .StartAsync(async context =>
        {
            ProgressTask bar = context.AddTask("asking", new ProgressTaskSettings { MaxValue = 1 });
            return await roll(new Reporter(happened =>
            {
                Write(lines.Of(happened), AnsiConsole.WriteLine);
                if (happened.Rollout is RolloutProgress progress)
                {
                    bar.MaxValue = Math.Max(1, progress.Total);
                    bar.Value = progress.Done;
                    bar.Description = Markup.Escape($"{Named.Of(progress.State)}, {progress.Done} of {progress.Total}");
                }
            }));
        });

    private static void Write(string? line, Action<string> write)
    {
        if (line is not null)
        {
            write(line);
        }
    }

    /// <summary>Reports at once and in order, which Progress does not.</summary>
    private sealed class Reporter(Action<PoolEvent> report) : IProgress<PoolEvent>
    {
        public void Report(PoolEvent value) => report(value);
    }
}
