using System.CommandLine;

namespace WorkerPool.Cli.Commands;

/// <summary><c>replace SLOT</c></summary>
internal static class ReplaceCommand
{
    public static Command Create()
    {
        Argument<int> slot = Arguments.Slot();
        Option<bool> stopFirst = new("--stop-first") { Description = "The old worker ends before the new one starts, which needs no memory for one more." };
        ReleaseOptions release = new();
        Command command = new("replace", "Replaces the worker of a slot. Default: by one of the same release.") { slot, stopFirst };
        release.AddTo(command);
        command.SetAction((parsed, cancellation) => Invocation.RunAsync(
            parsed,
            async (invocation, stop) => invocation.Finish(await invocation.Client.ReplaceAsync(
                parsed.GetValue(slot), release.Read(parsed), parsed.GetValue(stopFirst) ? ReplaceOrder.StopFirst : ReplaceOrder.StartFirst, stop)),
            cancellation));
        return command;
    }
}
