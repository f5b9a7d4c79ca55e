using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using WorkerPool.Interop;
using static Tmds.Linux.LibC;

namespace WorkerPool.Sockets;

/// <summary>
/// Gives the connections of one endpoint, one at a time and only when asked: what nobody asked for stays in the
/// kernel's queue, where another worker of the slot can serve it.
/// </summary>
/// <remarks>
/// Each answer comes from the first of these that has something:
/// <list type="number">
/// <item>connections that the master passed (<see cref="Inject"/>), also when stopped;</item>
/// <item>the kernel's queue, from <see cref="Open"/> on and unless stopped; after <c>Stop(takeQueue: true)</c> only what
/// waited at that moment, opened or not;</item>
/// <item>the end, if stopped; a wait otherwise.</item>
/// </list>
/// One caller of <see cref="AcceptAsync"/> at a time; all else is thread-safe. Every connection that was taken is counted
/// as live by the tracker, and whoever gets it has to report its end.
/// </remarks>
internal sealed partial class Acceptor : IDisposable
{
    /// <summary>What <see cref="AcceptAsync"/> gives when it is stopped and nothing is left.</summary>
    public const int Ended = -1;

    private const int Nothing = -2;
    private const int Exhausted = -3;
    private const int Held = -4;

    // One gate for accept4 and close: a number must not be used after it was closed, it may be somebody else's then.
    private readonly Lock _gate = new();
    private readonly InheritedListener _listener;
    private readonly Readiness _readiness;
    private readonly Queue<(Descriptor Connection, Origin Origin)> _injected = new();
    private readonly ConnectionTracker _tracker;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly int _flags;
    private readonly string _name;
    private readonly DescriptorReserve _reserve;
    private readonly TaskCompletionSource _closedSource = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _leftToTake = int.MaxValue;
    private bool _opened;
    private bool _stopped;
    private bool _closed;
    private bool _ended;
    private bool _exhausted;
    private int _asking;

    /// <param name="name">The name of the endpoint, for messages.</param>
    /// <param name="listener">Taken over.</param>
    /// <param name="tracker">Counts the connections.</param>
    /// <param name="nonBlocking">
    /// Whether connections have O_NONBLOCK. A <see cref="System.Net.Sockets.Socket"/> must be made without: it believes
    /// that it blocks, and its synchronous calls fail.
    /// </param>
    /// <param name="logger">Gets a warning when descriptors or memory run out.</param>
    /// <param name="time">The clock for the pause that follows.</param>
    /// <param name="reserve">The descriptors that are not for connections.</param>
    public Acceptor(
        string name, InheritedListener listener, ConnectionTracker tracker, bool nonBlocking, ILogger logger, TimeProvider time, DescriptorReserve reserve)
    {
        _reserve = reserve;
        _name = name;
        _listener = listener;
        _tracker = tracker;
        _flags = nonBlocking ? SOCK_NONBLOCK : 0;
        _logger = logger;
        _time = time;
        _readiness = new Readiness(listener);
    }

    /// <summary>The next connection, its descriptor now the caller's; <see cref="Ended"/>: there will be none.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled; no connection is lost.</exception>
    /// <exception cref="InvalidOperationException">Somebody asks already.</exception>
    /// <exception cref="SystemCallException">accept(2) failed for good: the listening socket is broken.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<Accepted> AcceptAsync(CancellationToken cancellationToken = default)
    {
        if (Interlocked.Exchange(ref _asking, 1) != 0)
        {
            throw new InvalidOperationException(
                $"Somebody accepts from endpoint \"{_name}\" already; only one may at a time. Start one loop, and tasks from it.");
        }

        try
        {
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                Accepted taken = Take();
                if (taken.Number == Nothing)
                {
                    await WaitAsync(cancellationToken).ConfigureAwait(false);
                }
                else if (taken.Number == Exhausted)
                {
                    await PauseAsync(cancellationToken).ConfigureAwait(false);
                }
                else if (taken.Number == Held)
                {
                    await HoldAsync(cancellationToken).ConfigureAwait(false);
                }
                else
                {
                    return taken;
                }
            }
        }
        finally
        {
            Volatile.Write(ref _asking, 0);
        }
    }

    /// <summary>Completes when nothing more is taken from the kernel's queue.</summary>
    public Task Closed => _closedSource.Task;

    /// <summary>From now on the kernel's queue is taken from. Until then it is left to those who serve it already.</summary>
    public void Open()
    {
        lock (_gate)
        {
            _opened = true;
            if (!_closed)
            {
                Wake();
            }
        }
    }

    /// <summary>Adds a connection that was accepted elsewhere.</summary>
    /// <param name="accepted">Taken over, if the answer is true.</param>
    /// <param name="origin">Where it comes from.</param>
    /// <returns>False: the end was given already, and the connection is still the caller's.</returns>
    /// <exception cref="SystemCallException">It is not open.</exception>
    public bool Inject(Descriptor accepted, Origin origin = Origin.Client)
    {
        SetBlocking(accepted.Number);
        lock (_gate)
        {
            if (_ended)
            {
                return false;
            }

            // It counts from now on, so that the worker does not exit over it.
            _tracker.Begin(ofClient: origin == Origin.Client);
            _injected.Enqueue((accepted, origin));
            Wake();
            return true;
        }
    }

    /// <summary>Stops accepting. Thread-safe; the second call counts only if it takes no queue.</summary>
    /// <param name="takeQueue">Whether to give first what waits in the kernel's queue at this moment.</param>
    public void Stop(bool takeQueue)
    {
        lock (_gate)
        {
            if (_closed || (_stopped && takeQueue))
            {
                return;
            }

            _stopped = true;
            if (takeQueue)
            {
                _leftToTake = _listener.CountWaiting();
            }
            else
            {
                CloseListener();
            }

            Wake();
        }
    }

    /// <summary>Stops, and closes the connections that were passed and that nobody took.</summary>
    public void Dispose()
    {
        Stop(takeQueue: false);
        lock (_gate)
        {
            _ended = true;
            while (_injected.TryDequeue(out (Descriptor Connection, Origin) injected))
            {
                injected.Connection.Dispose();
                _tracker.End();
            }
        }
    }

    private Accepted Take()
    {
        lock (_gate)
        {
            if (_injected.TryDequeue(out (Descriptor Connection, Origin Origin) injected))
            {
                return new Accepted(Release(injected.Connection), injected.Origin);
            }

            int taken = _closed ? Ended : _opened || _stopped ? TakeFromQueue() : Held;
            if (_stopped && taken is Nothing)
            {
                CloseListener();
                taken = Ended;
            }

            _ended |= taken == Ended;
            return new Accepted(taken, Origin.Client);
        }
    }

    private int TakeFromQueue()
    {
        while (_leftToTake > 0)
        {
            if (_exhausted && _reserve.IsNext(_listener))
            {
                return Exhausted;
            }

            int accepted = _listener.Accept(_flags);
            if (accepted >= 0)
            {
                if (_reserve.Includes(accepted))
                {
                    ReportExhaustion(EMFILE); // near enough; the next one waits
                }

                _leftToTake -= _stopped ? 1 : 0;
                _tracker.Begin();
                return accepted;
            }

            int error = Errno.Last;
            if (error == EAGAIN)
            {
                // Only now is the episode over: a single descriptor that became free says little.
                _exhausted = false;
                break;
            }

            if (AcceptErrors.IsOfResources(error))
            {
                ReportExhaustion(error);
                return Exhausted;
            }

            if (!AcceptErrors.IsOfConnection(error))
            {
                throw new SystemCallException($"accept4(endpoint \"{_name}\")", error, "The listening socket is broken.");
            }
        }

        return Nothing;
    }

    // The listener's own copy goes; the master and the other workers keep theirs.
    private void CloseListener()
    {
        if (!_closed)
        {
            _closed = true;
            _readiness.Dispose();
            _listener.Dispose();
            _closedSource.SetResult();
        }
    }

    private void SetBlocking(int connection)
    {
        int flags = SystemCall.Check(fcntl(connection, F_GETFL), $"fcntl({connection}, F_GETFL)");
        int wanted = _flags == 0 ? flags & ~O_NONBLOCK : flags | O_NONBLOCK;
        if (wanted != flags)
        {
            SystemCall.Check(fcntl(connection, F_SETFL, wanted), $"fcntl({connection}, F_SETFL)");
        }
    }

    private static int Release(Descriptor connection)
    {
        int number = connection.Number;
        connection.SetHandleAsInvalid();
        return number;
    }
}
