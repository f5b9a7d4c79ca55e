using System.CommandLine;

namespace WorkerPool.Cli.Commands;

/// <summary><c>scale N</c></summary>
internal static class ScaleCommand
{
    public static Command Create()
    {
        Argument<int> workers = Arguments.Number("N", $"The new number of workers, 1 to {PoolOptions.MaxWorkerCount}.", Arguments.ParseNumber<int>);
        ReleaseOptions release = new();
        Command command = new("scale", "Changes the number of workers, at the end of the slots.") { workers };
        release.AddTo(command);
        command.SetAction((parsed, cancellation) => Invocation.RunAsync(
            parsed,
            async (invocation, stop) => invocation.Finish(await invocation.Client.ScaleAsync(parsed.GetValue(workers), release.Read(parsed), stop)),
            cancellation));
        return command;
    }
}
