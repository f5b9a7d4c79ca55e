using System.CommandLine;
using System.Globalization;

namespace WorkerPool.Cli.Commands;

/// <summary><c>share LABEL PART</c></summary>
internal static class ShareCommand
{
    private const string None = "none";

    public static Command Create()
    {
        Argument<string> label = new("LABEL") { Description = "The label of the release." };
        Argument<string> part = new("PART") { Description = $"The part of all new connections, such as 0.05 or 5%; \"{None}\": like the others." };
        Command command = new("share", "Gives the workers of a release an exact part of all new connections, however many they are.") { label, part };
        command.SetAction((parsed, cancellation) => Invocation.RunAsync(
            parsed,
            async (invocation, stop) => invocation.Finish(await invocation.Client.SetShareAsync(parsed.GetRequiredValue(label), Read(parsed.GetRequiredValue(part)), stop)),
            cancellation));
        return command;
    }

    internal static double? Read(string part)
    {
        if (part == None)
        {
            return null;
        }

        bool percent = part.EndsWith('%');
        return double.TryParse(percent ? part[..^1] : part, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value)
            ? percent ? value / 100 : value
            : throw new UsageException($"\"{part}\" is not a part; expected something like 0.05, 5% or {None}.");
    }
}
