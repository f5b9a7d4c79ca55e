namespace WorkerPool.Operation;

/// <summary>The verdicts that the control socket gives by itself; all others are the master's.</summary>
internal static class Verdicts
{
    public static Verdict Done(string message) => new() { Outcome = Outcome.Done, Message = message };

    public static Verdict Refused(VerdictReason reason, string message) => new() { Outcome = Outcome.Refused, Reason = reason, Message = message };

    /// <summary>What the library says to a caller by exceptions, it says to a client by verdicts. Null: a defect, not for clients.</summary>
    public static Verdict? Of(Exception exception) => exception switch
    {
        ArgumentException e => Refused(VerdictReason.InvalidArgument, RequestException.OneLine(WithoutParameter(e))),
        RequestException or IOException or UnauthorizedAccessException =>
            Refused(VerdictReason.InvalidArgument, RequestException.OneLine(exception.Message)),
        _ => null,
    };

    /// <summary>The name of a parameter of a method tells a client nothing.</summary>
    private static string WithoutParameter(ArgumentException exception) =>
        exception.Message.Replace($" (Parameter '{exception.ParamName}')", "", StringComparison.Ordinal);
}
