using System.CommandLine;

namespace WorkerPool.Cli.Commands;

/// <summary><c>start SLOT</c></summary>
internal static class StartCommand
{
    public static Command Create()
    {
        Argument<int> slot = Arguments.Slot();
        ReleaseOptions release = new();
        Command command = new("start", "Puts a worker into a slot that has none. Default: of the release that it ran last.") { slot };
        release.AddTo(command);
        command.SetAction((parsed, cancellation) => Invocation.RunAsync(
            parsed,
            async (invocation, stop) => invocation.Finish(await invocation.Client.StartAsync(parsed.GetValue(slot), release.Read(parsed), stop)),
            cancellation));
        return command;
    }
}
