namespace WorkerPool;

/// <summary>A command to the master failed or was refused; see <see cref="Verdict"/>.</summary>
public sealed class CommandException : Exception
{
    /// <summary>Wraps the verdict of a command.</summary>
    /// <param name="verdict">A verdict that is not <see cref="Outcome.Done"/>.</param>
    public CommandException(Verdict verdict)
        : base(Describe(verdict)) => Verdict = verdict;

    /// <summary>The verdict, with reason, exit status and the worker's last lines.</summary>
    public Verdict Verdict { get; }

    private static string Describe(Verdict verdict)
    {
        ArgumentNullException.ThrowIfNull(verdict);
        return verdict.LastErrorLines.Count == 0
            ? verdict.Message
            : $"{verdict.Message} Its last lines on standard error:\n  {string.Join("\n  ", verdict.LastErrorLines)}";
    }
}
