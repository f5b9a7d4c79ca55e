namespace WorkerPool.AspNetCore.Connections;

/// <summary>Where in the input of an HTTP/1.1 connection its last request ends, as far as one can know. Pure but for being thread-safe.</summary>
/// <remarks>
/// The app may have answered and the body of its request be still on its way, which the server then reads and throws away. So
/// that a request has ended says nothing; what counts is how many bytes were read.
/// </remarks>
internal sealed class RequestBoundary
{
    private const long Unknown = -1;

    private long _end; // of no request yet: the beginning

    /// <summary>The head of a request was read.</summary>
    /// <param name="consumed">What was read of the connection so far.</param>
    /// <param name="canHaveBody">Whether a body may follow.</param>
    /// <param name="bodyLength">Its length, if that was said.</param>
    public void Begin(long consumed, bool canHaveBody, long? bodyLength) =>
        Volatile.Write(ref _end, !canHaveBody ? consumed : bodyLength is long length ? consumed + length : Unknown);

    /// <summary>A body was read to its end, however long it was.</summary>
    public void EndBody(long consumed) => Interlocked.CompareExchange(ref _end, consumed, Unknown);

    /// <summary>What follows is not HTTP.</summary>
    public void Upgrade() => Volatile.Write(ref _end, Unknown);

    /// <summary>Whether so much of the connection is exactly whole requests.</summary>
    public bool IsAt(long consumed) => Volatile.Read(ref _end) == consumed;
}
