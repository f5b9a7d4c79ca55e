using System.CommandLine;
using WorkerPool.Cli.Output;
using WorkerPool.Operation;

namespace WorkerPool.Cli.Commands;

/// <summary><c>status</c></summary>
internal static class StatusCommand
{
    public static Command Create()
    {
        Command command = new("status", "Shows the slots and their workers.");
        command.SetAction((parsed, cancellation) => Invocation.RunAsync(parsed, ShowAsync, cancellation));
        return command;
    }

    private static async Task<int> ShowAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        PoolStatus status = await invocation.Client.GetStatusAsync(cancellationToken);
        PoolMeasurement measurement = await invocation.Client.MeasureAsync(cancellationToken);
        if (invocation.Json)
        {
            invocation.WriteJson(new Answer { Status = status });
            invocation.WriteJson(new Answer { Measurement = measurement });
            return invocation.Finish(Verdicts.Done(""));
        }

        PoolTable table = PoolTable.Of(status, measurement, before: null, TimeProvider.System.GetUtcNow());
        await Console.Out.WriteAsync(TextTable.Format(PoolTable.Columns, table.Rows));
        foreach (string note in table.Notes)
        {
            await Console.Out.WriteLineAsync(note);
        }

        return ExitCode.Done;
    }
}
