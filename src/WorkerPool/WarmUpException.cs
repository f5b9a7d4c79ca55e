namespace WorkerPool;

/// <summary>The warm-up of a worker failed, so it is not ready; see <see cref="Worker.ReadyAsync(Func{Worker, CancellationToken, Task}, CancellationToken)"/>.</summary>
public sealed class WarmUpException : Exception
{
    /// <summary>Wraps what the warm-up threw.</summary>
    /// <param name="cause">The exception, which becomes <see cref="Exception.InnerException"/>.</param>
    public WarmUpException(Exception cause)
        : base(Describe(cause), cause)
    {
    }

    private static string Describe(Exception cause)
    {
        ArgumentNullException.ThrowIfNull(cause);
        return $"The warm-up failed: {cause.Message}";
    }
}
