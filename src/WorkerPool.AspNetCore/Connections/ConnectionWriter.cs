using System.IO.Pipelines;

namespace WorkerPool.AspNetCore.Connections;

/// <summary>The transport's output, which stays open while the connection lingers: its end closes the socket in both directions.</summary>
internal sealed class ConnectionWriter(PipeWriter inner, WorkerConnection connection) : PipeWriter
{
    private long _written;

    /// <summary>How many bytes were written so far, whether the socket has them yet or not.</summary>
    public long Written => Volatile.Read(ref _written);

    public override bool CanGetUnflushedBytes => inner.CanGetUnflushedBytes;

    public override long UnflushedBytes => inner.UnflushedBytes;

    public override void Advance(int bytes)
    {
        Volatile.Write(ref _written, _written + bytes);
        inner.Advance(bytes);
    }

    public override Memory<byte> GetMemory(int sizeHint = 0) => inner.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => inner.GetSpan(sizeHint);

    public override void CancelPendingFlush() => inner.CancelPendingFlush();

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) => inner.FlushAsync(cancellationToken);

    public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
    {
        Volatile.Write(ref _written, _written + source.Length);
        return inner.WriteAsync(source, cancellationToken);
    }

    public override void Complete(Exception? exception = null)
    {
        if (!connection.Lingers)
        {
            inner.Complete(exception);
        }
    }

    public override ValueTask CompleteAsync(Exception? exception = null) =>
        connection.Lingers ? ValueTask.CompletedTask : inner.CompleteAsync(exception);
}
