using System.CommandLine;

namespace WorkerPool.Cli.Commands;

/// <summary><c>weight SLOT W</c></summary>
internal static class WeightCommand
{
    public static Command Create()
    {
        Argument<int> slot = Arguments.Slot();
        Argument<double> weight = Arguments.Number("W", "In relation to the other slots: 1 is ordinary, 0 gets nothing.", Arguments.ParseNumber<double>);
        Command command = new("weight", "Changes how much of the new connections a slot gets.") { slot, weight };
        command.SetAction((parsed, cancellation) => Invocation.RunAsync(
            parsed,
            async (invocation, stop) => invocation.Finish(await invocation.Client.SetWeightAsync(parsed.GetValue(slot), parsed.GetValue(weight), stop)),
            cancellation));
        return command;
    }
}
