using System.CommandLine;

namespace WorkerPool.Cli.Commands;

/// <summary><c>stop</c></summary>
internal static class StopCommand
{
    public static Command Create()
    {
        Option<bool> now = new("--now") { Description = "At once: what the workers serve is cut." };
        Command command = new("stop", "Stops the pool: the workers finish what they serve.") { now };
        command.SetAction((parsed, cancellation) => Invocation.RunAsync(
            parsed,
            async (invocation, stop) => invocation.Finish(await invocation.Client.StopAsync(parsed.GetValue(now) ? StopMode.Immediate : StopMode.Graceful, stop)),
            cancellation));
        return command;
    }
}
