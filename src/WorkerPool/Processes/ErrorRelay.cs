using WorkerPool.Interop;

namespace WorkerPool.Processes;

/// <summary>
/// Copies what a worker writes to its standard error to the master's, and keeps the last lines for a verdict. If the
/// master's blocks, this relay waits, then its worker, as if the worker had inherited it.
/// </summary>
/// <remarks>Life: create; spawn with <see cref="WriteEnd"/>; <see cref="CloseWriteEnd"/>; at the exit <see cref="CompleteAsync"/>; dispose.</remarks>
internal sealed class ErrorRelay : IAsyncDisposable
{
    private const int BufferSize = 8192;

    // However many workers write: while the master's standard error blocks, it holds one thread of the pool, not all.
    private static readonly SemaphoreSlim OneWriter = new(1);

    private readonly ErrorPipe _pipe = new();
    private readonly Readiness _readiness;
    private readonly Stream _output;
    private readonly SemaphoreSlim? _turn;
    private readonly Action<Exception> _onFailure;
    private readonly LineTail _tail = new();
    private readonly Lock _tailGate = new();
    private readonly CancellationTokenSource _letGo = new();
    private readonly Task _pump;
    private bool _outputFailed;
    private volatile bool _untilEmpty;

    /// <summary>Starts to read.</summary>
    /// <param name="onFailure">Told of the first failure to write to the output, and of a failure to read. Must not throw.</param>
    /// <param name="output">Where to copy to; default: this process's standard error. Not disposed.</param>
    public ErrorRelay(Action<Exception> onFailure, Stream? output = null)
    {
        _onFailure = onFailure;
        _output = output ?? new StandardErrorStream();
        _turn = output is null ? OneWriter : null;
        _readiness = new Readiness(_pipe.ReadEnd);
        _pump = PumpAsync();
    }

    /// <summary>What the worker gets as its standard error.</summary>
    public Descriptor WriteEnd => _pipe.WriteEnd;

    /// <summary>The last lines so far, oldest first.</summary>
    public IReadOnlyList<string> Tail
    {
        get
        {
            lock (_tailGate)
            {
                return _tail.Lines;
            }
        }
    }

    /// <summary>To be called after the spawn: the pipe ends when its last writer does.</summary>
    public void CloseWriteEnd() => _pipe.WriteEnd.Dispose();

    /// <summary>
    /// To be called after the worker's exit: waits until everything that it wrote is read and copied. Does not wait for a
    /// process that it left behind with its standard error open, and lets go when the bound is over, whatever is missing.
    /// </summary>
    public async Task CompleteAsync(TimeSpan bound, TimeProvider time)
    {
        CloseWriteEnd();
        _untilEmpty = true;
        _readiness.Wake();
        try
        {
            await _pump.WaitAsync(bound, time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            await _letGo.CancelAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Lets go at once. A write to the output that is under way goes on and does not delay this.</summary>
    public async ValueTask DisposeAsync()
    {
        CloseWriteEnd();
        _readiness.Dispose();
        await _letGo.CancelAsync().ConfigureAwait(false);
    }

    private async Task PumpAsync()
    {
        try
        {
            byte[] buffer = new byte[BufferSize];
            while (!_letGo.IsCancellationRequested)
            {
                // Asked first: what a worker writes at its very end is there when its exit is seen, not before.
                bool untilEmpty = _untilEmpty;
                int count = _pipe.Read(buffer);
                if (count == 0 || (count < 0 && untilEmpty))
                {
                    return;
                }

                if (count > 0)
                {
                    await TakeAsync(buffer.AsMemory(0, count)).ConfigureAwait(false);
                }
                else if (!await _readiness.WaitAsync().ConfigureAwait(false))
                {
                    return;
                }
            }
        }
        catch (SystemCallException failure)
        {
            _onFailure(failure);
        }
        finally
        {
            _readiness.Dispose();
            _pipe.ReadEnd.Dispose();
        }
    }

    private async ValueTask TakeAsync(ReadOnlyMemory<byte> bytes)
    {
        lock (_tailGate)
        {
            _tail.Append(bytes.Span);
        }

        if (_outputFailed)
        {
            return;
        }

        try
        {
            await WriteAsync(bytes).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_letGo.IsCancellationRequested)
        {
            // It was never this one's turn.
        }
        catch (Exception failure)
        {
            // The worker must not block because nobody reads what the master writes.
            _outputFailed = true;
            _onFailure(failure);
        }
    }

    private async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        await (_turn?.WaitAsync(_letGo.Token) ?? Task.CompletedTask).ConfigureAwait(false);
        try
        {
            await _output.WriteAsync(bytes).ConfigureAwait(false);
            await _output.FlushAsync().ConfigureAwait(false);
        }
        finally
        {
            _turn?.Release();
        }
    }
}
