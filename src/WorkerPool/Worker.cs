using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using WorkerPool.Control;
using WorkerPool.Interop;
using WorkerPool.Runtime;
using WorkerPool.Sockets;

namespace WorkerPool;

/// <summary>
/// This process as a worker of a pool: its listeners, and the conversation with its master. Thread-safe.
/// </summary>
/// <remarks>
/// The life of a worker: <see cref="ConnectAsync"/>, prepare, <see cref="ReadyAsync(CancellationToken)"/>, accept and serve; when
/// <see cref="Draining"/> fires the listeners end, what was accepted is finished; <see cref="WhenDrainedAsync"/>, exit
/// with code 0. <see cref="Pool.RunAsync(Action{PoolOptions}, Func{Worker, Task}, CancellationToken)"/> does the frame of it.
/// <para>
/// SIGTERM makes a worker drain as if the master had asked; a second one is the end of its time (<see cref="Stopping"/>), and
/// after that it ends the process.
/// </para>
/// </remarks>
public sealed class Worker : IAsyncDisposable
{
    // A worker that drains without its master's doing has nobody who would kill it.
    private static readonly TimeSpan OwnGrace = TimeSpan.FromSeconds(5);

    private static readonly WorkerDescriptors? Inherited = WorkerDescriptors.TakeFromEnvironment();
    private static int s_connected;

    private readonly CancellationTokenSource _draining = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _disposed = new();
    private readonly TaskCompletionSource _welcomed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConnectionTracker _connections;
    private readonly ControlChannel _control;
    private readonly ReportLoop _reports;
    private readonly PassedConnections _passed;
    private readonly PosixSignalRegistration _terminate;
    private readonly Lock _gate = new();
    private readonly Lazy<Task> _leaving;
    private readonly ILogger _logger;
    private readonly List<TakenOver> _takesOver = [];
    private Welcome? _welcome;
    private Task _background = Task.CompletedTask;
    private Task _reporting = Task.CompletedTask;
    private Task _beating = Task.CompletedTask;
    private bool _isReady;
    private bool _isHeld;
    private bool _isDraining;
    private volatile bool _mayHandOver;
    private int _terminations;

    private Worker(WorkerDescriptors inherited, ILogger logger)
    {
        _logger = logger;
        Slot = inherited.Slot;
        Generation = inherited.Generation;
        Label = inherited.Label;
        _connections = new ConnectionTracker();
        Listeners = [.. inherited.Listeners.Select(listener => new WorkerListener(listener.Name, listener.Descriptor, _connections, logger, TimeProvider.System))];
        _control = new ControlChannel(inherited.Control);
        _reports = new ReportLoop(_control, _connections);
        _passed = new PassedConnections(inherited.Passing, Listeners);
        _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnTerminate);
        _leaving = new Lazy<Task>(LeaveAsync);
    }

    /// <summary>Whether this process was started by a master, as a worker of its pool.</summary>
    public static bool IsWorker => Inherited is not null;

    /// <summary>The slot of this worker, from 0.</summary>
    public int Slot { get; }

    /// <summary>The running number of this worker in its slot, from 1.</summary>
    public int Generation { get; }

    /// <summary>The label of the release that this worker runs.</summary>
    public string Label { get; }

    /// <summary>One listener for each endpoint of the pool, in the pool's order.</summary>
    public IReadOnlyList<WorkerListener> Listeners { get; }

    /// <summary>Fires when the worker shall finish what it has: the listeners end, nothing new comes.</summary>
    public CancellationToken Draining => _draining.Token;

    /// <summary>
    /// Fires when the time to drain is over: end what is still served, now. SIGTERM follows after
    /// <see cref="PoolOptions.StopGrace"/>, then SIGKILL.
    /// </summary>
    public CancellationToken Stopping => _stopping.Token;

    /// <summary>
    /// Somebody has moved the log files: open them anew. Raised on a thread of the pool's, by
    /// <see cref="Master.ReopenLogsAsync"/> or SIGUSR1 to the master, and not before this worker has said that it is ready.
    /// </summary>
    /// <remarks>What a handler throws is logged. The master does not wait for it.</remarks>
    public event EventHandler? ReopeningLogs;

    /// <summary>How many accepted connections are not yet closed.</summary>
    public int ConnectionCount => _connections.Live;

    /// <summary>How many connections of clients this worker has accepted.</summary>
    public long AcceptedCount => _connections.Accepted;

    /// <summary>Takes the descriptors that the master gave, and introduces this worker to it. Possible once in a process.</summary>
    /// <param name="loggerFactory">Where the worker logs to. Default: warnings and errors go to standard error.</param>
    /// <param name="cancellationToken">Gives the attempt up.</param>
    /// <exception cref="InvalidOperationException">This process is no worker, or is connected already.</exception>
    /// <exception cref="IOException">The master is gone, or refused this worker; the message says why.</exception>
    public static async Task<Worker> ConnectAsync(ILoggerFactory? loggerFactory = null, CancellationToken cancellationToken = default)
    {
        if (Inherited is null)
        {
            throw new InvalidOperationException(
                $"This process is not a worker: no master started it (the environment has no {WorkerEnvironment.Control}).");
        }

        if (Interlocked.Exchange(ref s_connected, 1) != 0)
        {
            throw new InvalidOperationException("This worker is connected to its master already.");
        }

        Worker worker = new(Inherited, loggerFactory?.CreateLogger("WorkerPool.Worker") ?? (ILogger)StandardErrorLogger.Instance);
        await worker.IntroduceAsync(cancellationToken);
        return worker;
    }

    /// <summary>Whether it has said that it is ready.</summary>
    internal bool IsReady => Volatile.Read(ref _isReady);

    /// <summary>Whether there are others who take idle connections of this worker over, which drains.</summary>
    internal bool MayHandOver => _mayHandOver;

    /// <summary>
    /// Promises to serve connections of an endpoint that other workers hand over; they come out of the listener like any other.
    /// Before ready.
    /// </summary>
    /// <param name="listener">The endpoint.</param>
    /// <param name="protocol">What is spoken on them: those who promise the same have each other's.</param>
    internal void TakeOver(WorkerListener listener, string protocol) => _takesOver.Add(new TakenOver(listener.Name, protocol));

    /// <summary>Gives an idle connection to another worker, which serves it from then on. If it is sent, the caller's own copy must not be used any more.</summary>
    internal SendResult TryHandOver(WorkerListener listener, Descriptor connection) =>
        _passed.TryHandOver(Listeners.Index().First(one => one.Item == listener).Index, connection);

    /// <summary>The listener of an endpoint.</summary>
    /// <param name="endpoint">The name of the endpoint.</param>
    /// <exception cref="ArgumentException">The pool has no such endpoint.</exception>
    public WorkerListener GetListener(string endpoint) =>
        Listeners.FirstOrDefault(listener => listener.Name == endpoint) ?? throw new ArgumentException(
            $"The pool has no endpoint \"{endpoint}\"; it has: {string.Join(", ", Listeners.Select(listener => listener.Name))}.",
            nameof(endpoint));

    /// <summary>
    /// Opens the listeners to the clients, and tells the master that this worker accepts from now on. Call it once, when
    /// all is prepared. A master that holds new workers back opens the listeners itself, a little later.
    /// </summary>
    /// <param name="cancellationToken">Gives the attempt up.</param>
    public async Task ReadyAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        OpenListeners(() => _isReady = true);
        try
        {
            await _control.SendAsync(_takesOver.Count == 0 ? new Ready() : new Ready([.. _takesOver]), cancellationToken);
        }
        catch (IOException)
        {
            // The master is gone: the loop that reads from it does what is to be done then.
        }
    }

    /// <summary>Warms up, and then is ready: see <see cref="ReadyAsync(CancellationToken)"/>.</summary>
    /// <remarks>
    /// The code that serves the first client of a new process is slow: it is compiled, files are read, caches are empty.
    /// Begin to accept, then call this with something that connects through <see cref="WorkerListener.ConnectToSelfAsync"/>
    /// and does what clients do; no client comes before it has ended. If the drain begins first, the warm-up is cancelled,
    /// nothing is said to the master, and this returns: the worker has nothing more to do than to exit.
    /// </remarks>
    /// <param name="warmUp">
    /// What is to be done first. It gets this worker, and a token that fires when <see cref="Draining"/> does, or the next
    /// argument. It counts in <see cref="PoolOptions.StartDeadline"/>.
    /// </param>
    /// <param name="cancellationToken">Gives the attempt up.</param>
    /// <exception cref="WarmUpException">
    /// The warm-up failed. Let it end the worker, which then never was ready: under <see cref="Pool"/> with exit code 70 and
    /// the message as the last line on standard error, so that it is in the verdict.
    /// </exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task ReadyAsync(Func<Worker, CancellationToken, Task> warmUp, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(warmUp);
        using CancellationTokenSource givenUp = CancellationTokenSource.CreateLinkedTokenSource(_draining.Token, cancellationToken);
        try
        {
            await warmUp(this, givenUp.Token);
        }
        catch (Exception) when (_isDraining)
        {
            return; // whatever it is, the drain is reason enough
        }
        catch (Exception e) when (!(e is OperationCanceledException && cancellationToken.IsCancellationRequested))
        {
            throw new WarmUpException(e);
        }

        await ReadyAsync(cancellationToken);
    }

    /// <summary>Waits until the drain has begun and every accepted connection is closed.</summary>
    /// <param name="cancellationToken">Gives the wait up.</param>
    public async Task WhenDrainedAsync(CancellationToken cancellationToken = default)
    {
        TaskCompletionSource draining = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using (_draining.Token.Register(draining.SetResult))
        {
            await draining.Task.WaitAsync(cancellationToken);
        }

        await WhenServedAsync(cancellationToken);
    }

    /// <summary>The host has nothing more to accept: drains if the master has not asked for it, and waits for the last connection.</summary>
    internal async Task FinishAsync()
    {
        BeginDrain(takeQueue: false);
        foreach (WorkerListener listener in Listeners)
        {
            listener.Close();
        }

        await WhenServedAsync(CancellationToken.None);
    }

    /// <summary>Closes the listeners and leaves the master, which takes it for the end of this worker. Once, whoever asks; every caller waits for it.</summary>
    public ValueTask DisposeAsync() => new(_leaving.Value);

    private async Task LeaveAsync()
    {
        await _disposed.CancelAsync();
        _terminate.Dispose();
        _passed.Dispose();
        foreach (WorkerListener listener in Listeners)
        {
            listener.Close();
        }

        await _reporting;
        await _beating;
        await _reports.TryReportAsync(); // the last word: the master adds up what its workers did
        await _control.DisposeAsync();
        await _background;
    }

    private async Task WhenServedAsync(CancellationToken cancellationToken)
    {
        foreach (WorkerListener listener in Listeners)
        {
            await listener.Closed.WaitAsync(cancellationToken);
        }

        await _connections.WhenNoneAsync(cancellationToken);
    }

    private async Task IntroduceAsync(CancellationToken cancellationToken)
    {
        string library = $"WorkerPool {typeof(Worker).Assembly.GetName().Version} on .NET {Environment.Version}";
        await _control.SendAsync(new Hello(ControlProtocol.MinVersion, ControlProtocol.MaxVersion, library), cancellationToken);
        Task listening = ListenToMasterAsync();
        await _welcomed.Task.WaitAsync(cancellationToken);
        _reporting = _reports.RunAsync(_draining.Token, _disposed.Token);
        if (_welcome!.HeartbeatSeconds > 0)
        {
            _beating = HeartbeatLoop.RunAsync(_control, TimeSpan.FromSeconds(_welcome.HeartbeatSeconds), _disposed.Token);
        }

        _background = Task.WhenAll(listening, _passed.RunAsync());
    }

    private async Task ListenToMasterAsync()
    {
        try
        {
            await foreach (ControlMessage message in _control.ReadAllAsync(_disposed.Token))
            {
                Handle(message);
            }

            LoseMaster("The master closed the control channel.");
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            // This worker leaves.
        }
        catch (Exception e) when (e is IOException or ProtocolViolationException)
        {
            LoseMaster(e.Message);
        }
    }

    private void Handle(ControlMessage message)
    {
        switch (message)
        {
            case Welcome welcome:
                _welcome = welcome;
                _isHeld = welcome.Hold;
                _welcomed.TrySetResult();
                break;
            case Accept:
                OpenListeners(() => _isHeld = false);
                break;
            case Refuse refuse:
                _welcomed.TrySetException(new IOException($"The master refused this worker: {refuse.Reason}"));
                break;
            case Reopen:
                ReopenLogs();
                break;
            case Drain drain:
                _mayHandOver = drain.HandOver;
                BeginDrain(drain.TakeQueue);
                break;
            case Control.Stop:
                _mayHandOver = false;
                BeginDrain(takeQueue: false);
                _ = _stopping.CancelAsync();
                break;
        }
    }

    /// <summary>The listeners take from the kernel's queues when this worker is ready and the master does not hold it back.</summary>
    private void OpenListeners(Action progress)
    {
        lock (_gate)
        {
            progress();
            if (_isReady && !_isHeld)
            {
                foreach (WorkerListener listener in Listeners)
                {
                    listener.Open();
                }
            }
        }
    }

    /// <summary>False: it drains already.</summary>
    private bool BeginDrain(bool takeQueue)
    {
        lock (_gate)
        {
            if (_isDraining)
            {
                return false;
            }

            _isDraining = true;
        }

        _passed.TakeLast();
        foreach (WorkerListener listener in Listeners)
        {
            listener.Stop(takeQueue);
        }

        _ = _draining.CancelAsync();
        return true;
    }

    /// <summary>The host's handlers run apart from the conversation with the master, and cannot end it.</summary>
    private void ReopenLogs() => _ = Task.Run(() =>
    {
        try
        {
            ReopeningLogs?.Invoke(this, EventArgs.Empty);
        }
        catch (Exception e)
        {
            WorkerLog.ReopeningFailed(_logger, e);
        }
    });

    private void LoseMaster(string why)
    {
        if (_welcomed.TrySetException(new IOException($"The master is gone: {why}")) || _welcome!.OnMasterLoss == Welcome.Serve)
        {
            return;
        }

        _mayHandOver = false;
        BeginDrain(takeQueue: false);
        _ = KeepDeadlineAsync(TimeSpan.FromSeconds(_welcome.DrainDeadlineSeconds));
    }

    /// <summary>Keeps the deadline that the master would keep if it had asked for the drain.</summary>
    private async Task KeepDeadlineAsync(TimeSpan deadline)
    {
        await Task.Delay(deadline);
        await StopNowAsync();
    }

    /// <summary>The time is over; whoever does not end by itself is ended.</summary>
    private async Task StopNowAsync()
    {
        await _stopping.CancelAsync();
        await Task.Delay(OwnGrace);
        await Console.Error.WriteLineAsync(
            $"WorkerPool: the time of this worker is over, and it has not ended; {ConnectionCount} connections are cut.");
        Environment.Exit(1);
    }

    private void OnTerminate(PosixSignalContext context)
    {
        // After the end of its time a worker gets what SIGTERM does by default: the process dies of it.
        context.Cancel = !_stopping.IsCancellationRequested;
        bool isFirst = Interlocked.Increment(ref _terminations) == 1;
        bool begins = BeginDrain(takeQueue: false);
        if (!isFirst)
        {
            _ = StopNowAsync();
        }
        else if (begins && _welcome is Welcome welcome)
        {
            _ = KeepDeadlineAsync(TimeSpan.FromSeconds(welcome.DrainDeadlineSeconds));
        }
    }
}
