using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace WorkerPool.AspNetCore.Connections;

/// <summary>
/// Input of a connection that can be ended from outside while nothing of a request has come, and that knows how far it was read.
/// </summary>
/// <param name="inner">Where the bytes come from.</param>
/// <param name="connection">What it is the input of.</param>
/// <param name="isTransport">Whether it is the transport's own, which stays usable while the connection lingers.</param>
internal sealed class ConnectionReader(PipeReader inner, WorkerConnection connection, bool isTransport) : PipeReader
{
    private ReadOnlySequence<byte> _lent;
    private bool _isLent;
    private bool _hasEnded;
    private long _consumed;
    private volatile bool _isWaiting;
    private volatile bool _hasRest;
    private volatile Departure _asked;

    /// <summary>Whether the bytes are those of the socket, and not what TLS or other middleware makes of them.</summary>
    public bool IsTransport => isTransport;

    /// <summary>Whether the reader waits for bytes.</summary>
    public bool IsWaiting => _isWaiting;

    /// <summary>Whether bytes have come that could not be used without more.</summary>
    public bool HasRest => _hasRest;

    /// <summary>How many bytes were used so far.</summary>
    public long Consumed => Volatile.Read(ref _consumed);

    /// <summary>Ends the input if it waits, and if the connection can leave in this way when it looks for the last time.</summary>
    public void AskFor(Departure departure)
    {
        if (_isWaiting)
        {
            _asked = departure;
            inner.CancelPendingRead();
        }
    }

    /// <summary>Gives back what the last reader left lent, so that somebody else can read on.</summary>
    public void TakeBack()
    {
        if (_isLent)
        {
            _isLent = false;
            inner.AdvanceTo(_lent.End);
        }
    }

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        ValueTask<ReadResult> reading = inner.ReadAsync(cancellationToken);
        if (reading.IsCompletedSuccessfully && _asked == Departure.None)
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

        result = Lend(_asked == Departure.None ? result : Uncancelled(result));
        return true;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        if (_hasEnded)
        {
            return; // of the end that we made up
        }

        long lent = _lent.Length;
        long used = consumed.Equals(_lent.End) ? lent : _lent.Slice(_lent.Start, consumed).Length;
        Volatile.Write(ref _consumed, _consumed + used);
        _hasRest = used < lent;
        _isLent = false;
        _lent = default;
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

            Departure asked = _asked;
            if (!result.IsCanceled || asked == Departure.None)
            {
                return Lend(result);
            }

            // Asked for too late, when another read was under way, it means nothing.
            bool isMeant = waited && result.Buffer.IsEmpty && !result.IsCompleted;
            result = Uncancelled(result);
            if (isMeant && connection.TryLeave(asked))
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
        _asked = Departure.None;
        return new ReadResult(result.Buffer, isCanceled: false, result.IsCompleted);
    }

    private ReadResult Lend(ReadResult result)
    {
        _isLent = true;
        _lent = result.Buffer;
        if (!result.Buffer.IsEmpty)
        {
            connection.NoteActivity();
        }

        return result;
    }
}
