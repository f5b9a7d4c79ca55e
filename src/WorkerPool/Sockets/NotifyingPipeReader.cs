using System.IO.Pipelines;

namespace WorkerPool.Sockets;

/// <summary>A pipe reader that tells when its user is done with it, which a pipe tells its writer only at the next write.</summary>
internal sealed class NotifyingPipeReader(PipeReader reader, Action completed) : PipeReader
{
    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) =>
        reader.ReadAsync(cancellationToken);

    public override bool TryRead(out ReadResult result) => reader.TryRead(out result);

    public override void AdvanceTo(SequencePosition consumed) => reader.AdvanceTo(consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => reader.AdvanceTo(consumed, examined);

    public override void CancelPendingRead() => reader.CancelPendingRead();

    public override void Complete(Exception? exception = null)
    {
        reader.Complete(exception);
        completed();
    }

    protected override ValueTask<ReadResult> ReadAtLeastAsyncCore(int minimumSize, CancellationToken cancellationToken) =>
        reader.ReadAtLeastAsync(minimumSize, cancellationToken);
}
