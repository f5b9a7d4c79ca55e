using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace WorkerPool.AspNetCore.Connections;

/// <summary>
/// Input of a connection that can be ended from outside while nothing of a request has come, and that knows whether this is so.
/// </summary>
/// <param name="inner">Where the bytes come from.</param>
/// <param name="connection">What it is the input of.</param>
/// <param name="isTransport">Whether it is the transport's own, which stays usable while the connection lingers.</param>
internal sealed class ConnectionReader(PipeReader inner, WorkerConnection connection, bool isTransport) : PipeReader
{
    private SequencePosition _start;
    private SequencePosition _end;
    private bool _isLent;
    private bool _hasEnded;
    private volatile bool _isWaiting;
    private volatile bool _hasPart;
    private volatile bool _endIsAsked;

    /// <summary>Whether the reader waits for bytes.</summary>
    public bool IsWaiting => _isWaiting;

    /// <summary>Whether bytes have come since the last request ended.</summary>
    public bool HasPart => _hasPart;

    /// <summary>A request has ended; what comes from now on is of the next one.</summary>
    public void ForgetPart() => _hasPart = false;

    /// <summary>Ends the input if it waits and nothing has come when it looks for the last time.</summary>
    public void AskForEnd()
    {
        if (_isWaiting)
        {
            _endIsAsked = true;
            inner.CancelPendingRead();
        }
    }

    /// <summary>Gives back what the last reader left lent, so that somebody else can read on.</summary>
    public void TakeBack()
    {
        if (_isLent)
        {
            _isLent = false;
            inner.AdvanceTo(_end);
        }
    }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        ValueTask<ReadResult> reading = inner.ReadAsync(cancellationToken);
        if (reading.IsCompletedSuccessfully && !_endIsAsked)
        {
            return ValueTask.FromResult(Lend(reading.Result));
        }

        return WaitAsync(reading, cancellationToken);
    }

    public override bool TryRead(out ReadResult result)
    {
        if (!inner.TryRead(out result))
        {
            return false;
        }

        result = Lend(_endIsAsked ? Uncancelled(result) : result);
        return true;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        if (_hasEnded)
        {
            return; // of the end that we made up
        }

        if (!consumed.Equals(_start) || !consumed.Equals(_end))
        {
            _hasPart = true;
        }

        _isLent = false;
        inner.AdvanceTo(consumed, examined);
    }

    public override void CancelPendingRead() => inner.CancelPendingRead();

    public override void Complete(Exception? exception = null)
    {
        if (!(isTransport && connection.Lingers))
        {
            inner.Complete(exception);
        }
    }

    public override ValueTask CompleteAsync(Exception? exception = null) =>
        isTransport && connection.Lingers ? ValueTask.CompletedTask : inner.CompleteAsync(exception);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadResult> WaitAsync(ValueTask<ReadResult> reading, CancellationToken cancellationToken)
    {
        while (true)
        {
            bool waited = !reading.IsCompleted;
            _isWaiting = waited;
            ReadResult result;
            try
            {
                result = await reading;
            }
            finally
            {
                _isWaiting = false;
            }

            if (!(result.IsCanceled && _endIsAsked))
            {
                return Lend(result);
            }

            // Asked for too late, when another read was under way, it means nothing.
            bool isMeant = waited && !_hasPart && result.Buffer.IsEmpty && !result.IsCompleted;
            result = Uncancelled(result);
            if (isMeant && connection.EndIfSilent())
            {
                inner.AdvanceTo(result.Buffer.Start);
                _hasEnded = true;
                return new ReadResult(default, isCanceled: false, isCompleted: true);
            }

            if (!result.Buffer.IsEmpty || result.IsCompleted)
            {
                return Lend(result);
            }

            inner.AdvanceTo(result.Buffer.Start);
            reading = inner.ReadAsync(cancellationToken);
        }
    }

    private ReadResult Uncancelled(ReadResult result)
    {
        _endIsAsked = false;
        return new ReadResult(result.Buffer, isCanceled: false, result.IsCompleted);
    }

    private ReadResult Lend(ReadResult result)
    {
        _isLent = true;
        _start = result.Buffer.Start;
        _end = result.Buffer.End;
        if (!result.Buffer.IsEmpty)
        {
            connection.NoteActivity();
        }

        return result;
    }
}
