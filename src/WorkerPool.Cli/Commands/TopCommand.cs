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

        try
        {
            await AnsiConsole.Live(new Text("")).AutoClear(false).StartAsync(live => DrawAsync(live, client, period, cancellationToken));
        }
        catch (ControlException e) when (e.Failure is ControlFailure.NoMaster or ControlFailure.ConnectionLost)
        {
            Console.Out.WriteLine("The master has ended."); // it was there a moment ago
        }

        return ExitCode.Done;
    }

    private static async Task DrawAsync(LiveDisplayContext live, ControlClient client, TimeSpan period, CancellationToken cancellationToken)
    {
        using PeriodicTimer timer = new(period);
        PoolMeasurement? before = null;
        do
        {
            PoolStatus status = await client.GetStatusAsync(cancellationToken);
            PoolMeasurement measurement = await client.MeasureAsync(cancellationToken);
            DateTimeOffset now = TimeProvider.System.GetUtcNow();
            string head = $"{now.ToLocalTime():HH:mm:ss}  {client.Path}, master {client.ProcessId}";
            live.UpdateTarget(TopPicture.Of(PoolTable.Of(status, measurement, before, now), head, Console.WindowWidth, Console.WindowHeight));
            before = measurement;
        }
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }
}
