using System.CommandLine;
using WorkerPool.Cli.Output;
using WorkerPool.Operation;

namespace WorkerPool.Cli.Commands;

/// <summary><c>events</c></summary>
internal static class EventsCommand
{
    private const int Last = 20;

    public static Command Create()
    {
        Option<int?> last = Arguments.Number("--last", $"How many of the events that were before come first; the master remembers 256. Default {Last}.");
        last.Aliases.Add("-n");
        Option<bool> follow = new("--follow", "-f") { Description = "Go on with those to come, until the pool has stopped." };
        Command command = new("events", "Shows what happened in the pool.") { last, follow };
        command.SetAction((parsed, cancellation) => Invocation.RunAsync(
            parsed,
            async (invocation, stop) =>
            {
                await foreach (PoolEvent happened in invocation.Client.ReadEventsAsync(parsed.GetValue(last) ?? Last, parsed.GetValue(follow), stop))
                {
                    Write(invocation, happened);
                }

                return invocation.Json ? invocation.Finish(Verdicts.Done("")) : ExitCode.Done;
            },
            cancellation));
        return command;
    }

    private static void Write(Invocation invocation, PoolEvent happened)
    {
        if (invocation.Json)
        {
            invocation.WriteJson(new Answer { Event = happened });
        }
        else
        {
            Console.Out.WriteLine(EventText.Of(happened));
        }
    }
}
