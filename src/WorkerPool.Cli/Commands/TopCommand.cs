using System.CommandLine;
using Spectre.Console;
using WorkerPool.Cli.Output;

namespace WorkerPool.Cli.Commands;

/// <summary><c>top</c></summary>
internal static class TopCommand
{
    public static Command Create()
    {
        Option<TimeSpan?> period = Arguments.Time("--period", "The time from one picture to the next. Default 1s.");
        Command command = new("top", "Shows the slots and their workers, again and again, until it is interrupted or the master ends.") { period };
        command.SetAction((parsed, cancellation) => Invocation.RunAsync(
            parsed, (invocation, stop) => ShowAsync(invocation.Client, parsed.GetValue(period) ?? TimeSpan.FromSeconds(1), stop), cancellation));
        return command;
    }

    private static async Task<int> ShowAsync(ControlClient client, TimeSpan period, CancellationToken cancellationToken)
    {
        if (period < TimeSpan.FromMilliseconds(100))
        {
            throw new UsageException("--period must be 100ms or more: each picture makes the kernel walk through the memory of all workers.");
        }

        if (Console.IsOutputRedirected)
        {
            throw new UsageException("top needs a terminal. For programs there is \"status --json\".");
        }

        using PeriodicTimer timer = new(period);
        await AnsiConsole.Live(new Text("")).AutoClear(false).StartAsync(async live =>
        {
            PoolMeasurement? before = null;
            do
            {
                PoolStatus status = await client.GetStatusAsync(cancellationToken);
                PoolMeasurement measurement = await client.MeasureAsync(cancellationToken);
                live.UpdateTarget(TopPicture.Of(PoolTable.Of(status, measurement, before, TimeProvider.System.GetUtcNow()), client));
                before = measurement;
            }
            while (await timer.WaitForNextTickAsync(cancellationToken));
        });
        return ExitCode.Done;
    }
}
