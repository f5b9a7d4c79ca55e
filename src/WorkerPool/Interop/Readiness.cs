using System.Threading.Tasks.Sources;
using static Tmds.Linux.LibC;

namespace WorkerPool.Interop;

/// <summary>
/// Waits for a descriptor to become readable (a queue to have a connection, a process to have ended, a pipe to have
/// bytes), without a thread and without allocation. One waiter at a time. Does not own the descriptor: dispose this
/// first, then close.
/// </summary>
internal sealed class Readiness : IValueTaskSource<bool>, IDisposable
{
    private readonly Lock _gate = new();
    private readonly int _descriptor;
    private readonly int _events;
    private readonly long _key;
    private ManualResetValueTaskSourceCore<bool> _source = new() { RunContinuationsAsynchronously = true };
    private bool _waiting;
    private bool _woken;
    private bool _armedOnce;
    private bool _disposed;

    public Readiness(Descriptor descriptor)
        : this(descriptor.Number, EPOLLIN)
    {
    }

    /// <param name="descriptor">Stays open for as long as this is not disposed.</param>
    /// <param name="events">What to wait for, epoll_ctl(2); a hang-up and an error are always waited for.</param>
    public Readiness(int descriptor, int events)
    {
        _descriptor = descriptor;
        _events = events;
        _key = ReadinessLoop.Default.Register(this);
    }

    /// <summary>Waits; true: readable (perhaps) or woken, try again; false: disposed.</summary>
    public ValueTask<bool> WaitAsync()
    {
        lock (_gate)
        {
            if (_disposed || _woken)
            {
                _woken = false;
                return new ValueTask<bool>(!_disposed);
            }

            if (_waiting)
            {
                throw new InvalidOperationException("Somebody waits for this descriptor already; only one may.");
            }

            _source.Reset();
            ReadinessLoop.Default.Arm(_descriptor, _key, _events, first: !_armedOnce);
            _armedOnce = true;
            _waiting = true;
            return new ValueTask<bool>(this, _source.Version);
        }
    }

    /// <summary>Ends the present wait, or the next one, as if the descriptor were readable.</summary>
    public void Wake()
    {
        lock (_gate)
        {
            _woken = !_waiting;
            Complete(true);
        }
    }

    public void OnReadable()
    {
        lock (_gate)
        {
            Complete(true);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
            ReadinessLoop.Default.Forget(_descriptor, _key, _armedOnce);
            Complete(false);
        }
    }

    // Safe under the lock: continuations run elsewhere.
    private void Complete(bool result)
    {
        if (_waiting)
        {
            _waiting = false;
            _source.SetResult(result);
        }
    }

    bool IValueTaskSource<bool>.GetResult(short token) => _source.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<bool>.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource<bool>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags);
}
