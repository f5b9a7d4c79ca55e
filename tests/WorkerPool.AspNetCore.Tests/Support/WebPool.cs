using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Xunit;

namespace WorkerPool.AspNetCore.Tests.Support;

/// <summary>A pool whose master is the test and whose workers are <c>WorkerPool.AspNetCore.TestWorker</c>.</summary>
internal sealed class WebPool : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly ConcurrentQueue<PoolEvent> _events = new();
    private readonly Task _reading;

    private WebPool(Master master)
    {
        Master = master;
        IAsyncEnumerable<PoolEvent> events = master.ReadEventsAsync();
        _reading = Task.Run(async () =>
        {
            await foreach (PoolEvent poolEvent in events)
            {
                _events.Enqueue(poolEvent);
            }
        });
    }

    public Master Master { get; }

    public static Release Release(string label, params string[] app) =>
        WorkerPool.Release.Create(Path.Combine(AppContext.BaseDirectory, "WorkerPool.AspNetCore.TestWorker"), app, label);

    /// <summary>A pool of one worker with endpoints <c>http</c>, <c>https</c> and <c>h2c</c>, whose app is as the arguments say.</summary>
    public static Task<WebPool> StartAsync(params string[] app) => StartAsync(_ => { }, app);

    public static async Task<WebPool> StartAsync(Action<PoolOptions> change, params string[] app)
    {
        PoolOptions options = new()
        {
            WorkerCount = 1,
            Release = Release("v1", app),
            StartDeadline = Patience,
            DrainDeadline = Patience,
            StartNice = 0,
        };
        options.Listen("http", "127.0.0.1:0");
        options.Listen("https", "127.0.0.1:0");
        options.Listen("h2c", "127.0.0.1:0");
        change(options);
        return new WebPool(await Master.StartAsync(options, TestContext.Current.CancellationToken));
    }

    public IPEndPoint Address(string endpoint = "http") => (IPEndPoint)Master.GetEndPoint(endpoint);

    /// <summary>A client of an endpoint, in the newest version of HTTP that it has.</summary>
    public HttpClient CreateClient(string endpoint = "http")
    {
#pragma warning disable CA5359 // The certificate is one that the worker has just made.
        SocketsHttpHandler handler = new()
        {
            SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, _, _, _) => true },
        };
#pragma warning restore CA5359
        return new HttpClient(handler)
        {
            BaseAddress = new Uri($"{(endpoint == "https" ? "https" : "http")}://{Address(endpoint)}"),
            DefaultRequestVersion = endpoint == "http" ? HttpVersion.Version11 : HttpVersion.Version20,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Timeout = Patience,
        };
    }

    public async Task<RawClient> ConnectAsync()
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(Address());
        return new RawClient(socket);
    }

    /// <summary>Begins to drain the worker of slot 0, and waits until it knows; the inner task ends with its exit.</summary>
    public async Task<Task<Verdict>> BeginDrainAsync()
    {
        await Master.SuspendRespawnAsync();
        string descriptors = $"/proc/{Master.Status.Slots[0].Workers[0].ProcessId}/fd";
        string listener = new FileInfo($"{descriptors}/3").LinkTarget!;
        Task<Verdict> drained = Master.DrainAsync(0);
        await UntilAsync(
            () => !Directory.EnumerateFileSystemEntries(descriptors).Any(file => new FileInfo(file).LinkTarget == listener),
            "the worker has closed its listener");
        return drained;
    }

    /// <summary>The first event, also of those that have been, that fits.</summary>
    public async Task<PoolEvent> WaitForAsync(Func<PoolEvent, bool> fits)
    {
        await UntilAsync(() => _events.Any(fits), "the event has come");
        return _events.First(fits);
    }

    public async Task WhenReportedAsync(int connections) =>
        await UntilAsync(() => Master.Status.Slots[0].Workers[^1].Connections == connections, $"the worker reports {connections} connections");

    public async Task WhenDrainingAsync() =>
        await UntilAsync(() => Master.Status.Slots[0].Workers.Any(worker => worker.State == WorkerState.Draining), "the worker drains");

    /// <summary>How many connections were accepted, when no worker has news of it.</summary>
    public async Task<long> AcceptedTotalAsync()
    {
        await UntilAsync(() => Master.Status.Slots[0].Workers is [{ State: WorkerState.Ready, Connections: > 0 }], "the worker reports");
        return Master.Status.AcceptedTotal;
    }

    public async ValueTask DisposeAsync()
    {
        await Master.StopAsync(StopMode.Immediate);
        await Master.DisposeAsync();
        await _reading;
        foreach (PoolEvent poolEvent in _events)
        {
            TestContext.Current.TestOutputHelper?.WriteLine($"{poolEvent.Kind} {poolEvent.Slot} {poolEvent.ProcessId} {poolEvent.Message}");
        }
    }

    public static async Task UntilAsync(Func<bool> condition, string what)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < Patience, $"Not so within {Patience}: {what}.");
            await Task.Delay(5);
        }
    }
}
