using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using WorkerPool.Processes.Privileges;
using WorkerPool.FunctionalTests.Sockets;
using WorkerPool.Interop;
using WorkerPool.Runtime;
using WorkerPool.Sockets;
using WorkerPool.Supervision;
using Xunit;

namespace WorkerPool.FunctionalTests.Support;

/// <summary>One worker whose master is the test itself: its process, its channels and its sockets, and no supervisor.</summary>
internal sealed class LoneWorker : IWorkerObserver, IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<ExitStatus> _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly PoolSockets _sockets;
    private readonly ListeningSocket _elsewhere;
    private IReadOnlyList<string> _lastErrorLines = [];
    private string? _violation;

    private LoneWorker(bool hold, Release release, string address)
    {
        PoolOptions options = TestPool.Options();
        options.Listen(TestPool.Endpoint, address);
        _sockets = PoolSockets.Open(options.Endpoints, 1, NullLogger.Instance);
        IPEndPoint anyPort = new(IPAddress.Loopback, 0);
        _elsewhere = ListeningSocket.Create(anyPort, "elsewhere", 128);
        _elsewhere.Bind(anyPort);
        _elsewhere.Listen();
        Process = WorkerProcess.Start(new WorkerKey(0, 1), release, options, WorkerPrivileges.Prepare(options.Processes), _sockets.OfSlot(0), hold, this, NullLogger.Instance);
    }

    public WorkerProcess Process { get; }

    public EndPoint EndPoint => _sockets.BoundEndPoint(TestPool.Endpoint);

    /// <summary>The connections that wait to be accepted.</summary>
    public int Waiting => AcceptQueue.TryRead(_sockets.Endpoints[0].Get(0), out int length, out _) ? length : -1;

    /// <summary>How many heartbeats have come.</summary>
    public int Heartbeats { get; private set; }

    /// <summary>What the worker reported last.</summary>
    public (int Connections, long Accepted) Report { get; private set; }

    public static LoneWorker Start(bool hold, params string[] behaviour) => new(hold, TestPool.Release("lone", behaviour), "127.0.0.1:0");

    /// <summary>A worker that holds, behind any kind of address.</summary>
    public static LoneWorker Start(string[] behaviour, string address = "127.0.0.1:0") => new(hold: true, TestPool.Release("v1", behaviour), address);

    public static Task<LoneWorker> ReadyAsync(bool hold, params string[] behaviour) => WhenReadyAsync(Start(hold, behaviour));

    public static Task<LoneWorker> ReadyAsync(string[] behaviour, string address = "127.0.0.1:0") => WhenReadyAsync(Start(behaviour, address));

    /// <summary>A client in the queue of the worker's listener.</summary>
    public Task<Client> ConnectAsync() => Client.ConnectAsync(EndPoint);

    /// <summary>A client whose connection was accepted elsewhere, and passed to the worker.</summary>
    public async Task<Client> PassAsync()
    {
        Client client = await Client.ConnectAsync(_elsewhere.Address);
        using Descriptor accepted = Peer.Accept(_elsewhere);
        Assert.Equal(SendResult.Sent, Process.Pass(0, accepted));
        return client;
    }

    /// <summary>Asks it, with a timeout that is not reached on a busy machine unless the probe says otherwise.</summary>
    public Task<string?> ProbeAsync(HealthProbe probe) => Process.ProbeAsync(probe, TestContext.Current.CancellationToken);

    public async Task<ExitStatus> ExitAsync() => await _exited.Task.WaitAsync(Patience);

    public IReadOnlyList<string> LastErrorLines => _lastErrorLines;

    public async ValueTask DisposeAsync()
    {
        if (!_exited.Task.IsCompleted)
        {
            Process.Signal(Tmds.Linux.LibC.SIGKILL);
            await ExitAsync();
        }

        await Process.DisposeAsync();
        _ = _ready.Task.Exception; // seen by now
        _sockets.Dispose();
        _elsewhere.Dispose();
        TestContext.Current.TestOutputHelper?.WriteLine($"Violation: {_violation}. Last lines:\n{string.Join('\n', _lastErrorLines)}");
    }

    private static async Task<LoneWorker> WhenReadyAsync(LoneWorker worker)
    {
        await worker._ready.Task.WaitAsync(Patience);
        return worker;
    }

    void IWorkerObserver.Ready(WorkerKey worker) => _ready.TrySetResult();

    void IWorkerObserver.Reported(WorkerKey worker, int connections, long accepted) => Report = (connections, accepted);

    void IWorkerObserver.Heard(WorkerKey worker, bool isDebugged) => Heartbeats++;

    void IWorkerObserver.ProtocolViolated(WorkerKey worker, string message) => _violation = message;

    void IWorkerObserver.Exited(WorkerKey worker, ExitStatus exit, IReadOnlyList<string> lastErrorLines)
    {
        _lastErrorLines = lastErrorLines;
        _ready.TrySetException(new InvalidOperationException(
            $"The worker ended before it was ready: {exit}. Its last lines:\n{string.Join('\n', lastErrorLines)}"));
        _exited.TrySetResult(exit);
    }
}
