using System.CommandLine;
using WorkerPool.Cli.Output;

namespace WorkerPool.Cli.Commands;

/// <summary><c>roll</c></summary>
internal static class RollCommand
{
    public static Command Create()
    {
        PlanOptions plan = new();
        Option<bool> abort = new("--abort-on-disconnect")
        {
            Description = "The rollout is given up, and rolled back, if this command is interrupted. Default: it goes on.",
        };
        Command command = new(
            "roll",
            "Puts a release into the slots, one after the other. Default: the pool's own, as its files are now, under the pool's own plan.") { abort };
        plan.AddTo(command);
        command.SetAction((parsed, cancellation) => Invocation.RunAsync(
            parsed, (invocation, stop) => RollAsync(invocation, plan.Read(parsed), parsed.GetValue(abort), stop), cancellation));
        return command;
    }

    private static async Task<int> RollAsync(Invocation invocation, RolloutChanges changes, bool abort, CancellationToken cancellationToken)
    {
        try
        {
            Verdict verdict = await RollProgress.ShowAsync(
                invocation, plain: changes.DryRun == true, progress => invocation.Client.RollAsync(changes, progress, abort, cancellationToken));
            return invocation.Finish(verdict);
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync(
                abort ? "workerpool: interrupted; the rollout is given up." : "workerpool: interrupted; the rollout goes on. See \"workerpool status\", \"workerpool abort\".");
            throw;
        }
    }
}
