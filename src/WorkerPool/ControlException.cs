namespace WorkerPool;

/// <summary>A master cannot be talked to over its control socket. What it answers, refusals too, is a <see cref="Verdict"/> instead.</summary>
public sealed class ControlException : IOException
{
    /// <summary>Describes the failure.</summary>
    /// <param name="failure">What failed, for programs.</param>
    /// <param name="message">What failed and what to do about it, for people.</param>
    /// <param name="innerException">What led to it, or <see langword="null"/>.</param>
    public ControlException(ControlFailure failure, string message, Exception? innerException = null)
        : base(message, innerException) => Failure = failure;

    /// <summary>What failed, for programs.</summary>
    public ControlFailure Failure { get; }
}
