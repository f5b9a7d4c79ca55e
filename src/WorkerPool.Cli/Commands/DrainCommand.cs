using System.CommandLine;

namespace WorkerPool.Cli.Commands;

/// <summary><c>drain SLOT</c></summary>
internal static class DrainCommand
{
    public static Command Create()
    {
        Argument<int> slot = Arguments.Slot();
        Option<TimeSpan?> deadline = Arguments.Time("--deadline", "The time that the worker has to finish. Default: the pool's.");
        Command command = new("drain", "Drains the worker of a slot; the slot stays empty until it is started.") { slot, deadline };
        command.SetAction((parsed, cancellation) => Invocation.RunAsync(
            parsed,
            async (invocation, stop) => invocation.Finish(await invocation.Client.DrainAsync(parsed.GetValue(slot), parsed.GetValue(deadline), stop)),
            cancellation));
        return command;
    }
}
