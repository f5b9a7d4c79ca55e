using System.CommandLine;

namespace WorkerPool.Cli.Commands;

/// <summary><c>abort</c></summary>
internal static class AbortCommand
{
    public static Command Create()
    {
        Option<bool> keep = new("--no-roll-back") { Description = "Slots that are done keep the new release." };
        Command command = new("abort", "Gives the rollout up. Every slot gets back what it ran before.") { keep };
        command.SetAction((parsed, cancellation) => Invocation.RunAsync(
            parsed,
            async (invocation, stop) => invocation.Finish(await invocation.Client.AbortRolloutAsync(!parsed.GetValue(keep), stop)),
            cancellation));
        return command;
    }
}
