using WorkerPool.FunctionalTests.Support;
using WorkerPool.Processes;
using WorkerPool.Runtime;
using WorkerPool.Supervision;
using Xunit;

namespace WorkerPool.FunctionalTests.Probes;

/// <summary>A real worker process with its channels, and no master around it.</summary>
internal sealed class LoneWorker : IWorkerObserver, IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly WorkerKey Key = new(0, 1);

    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<ExitStatus> _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly LogBook _log = new();
    private readonly PoolSockets _sockets;

    private LoneWorker(string address, string[] behaviour)
    {
        PoolOptions options = TestPool.Options();
        options.Listen(TestPool.Endpoint, address);
        _sockets = PoolSockets.Open(options.Endpoints, slots: 1, _log);
        Process = WorkerProcess.Start(Key, TestPool.Release("v1", behaviour), options, _sockets.OfSlot(0), hold: true, this, _log);
    }

    public WorkerProcess Process { get; }

    public Task<ExitStatus> ExitAsync() => _exited.Task.WaitAsync(Patience);

    public static LoneWorker Start(string[] behaviour, string address = "127.0.0.1:0") => new(address, behaviour);

    public static async Task<LoneWorker> ReadyAsync(string[] behaviour, string address = "127.0.0.1:0")
    {
        LoneWorker worker = Start(behaviour, address);
        await worker._ready.Task.WaitAsync(Patience);
        return worker;
    }

    /// <summary>Asks it once, unless the probe says otherwise, with a timeout that is not reached on a busy machine.</summary>
    public Task<string?> ProbeAsync(HealthProbe probe) => Process.ProbeAsync(probe, TestContext.Current.CancellationToken);

    void IWorkerObserver.Ready(WorkerKey worker) => _ready.TrySetResult();

    void IWorkerObserver.Reported(WorkerKey worker, int connections, long accepted)
    {
    }

    void IWorkerObserver.ProtocolViolated(WorkerKey worker, string message) => _ready.TrySetException(new IOException(message));

    void IWorkerObserver.Exited(WorkerKey worker, ExitStatus exit, IReadOnlyList<string> lastErrorLines)
    {
        _ready.TrySetException(new IOException($"The worker ended with {exit}: {string.Join('\n', lastErrorLines)}"));
        _exited.TrySetResult(exit);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_exited.Task.IsCompleted)
        {
            Process.Signal(SignalNames.SIGKILL);
            await ExitAsync();
        }

        await Process.DisposeAsync();
        _sockets.Dispose();
        _ = _ready.Task.Exception;
        TestContext.Current.TestOutputHelper?.WriteLine(_log.Text);
    }
}
