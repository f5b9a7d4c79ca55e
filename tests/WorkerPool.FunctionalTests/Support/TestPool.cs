using System.Net;
using System.Threading.Channels;
using Xunit;

namespace WorkerPool.FunctionalTests.Support;

/// <summary>
/// A pool whose master is the test process and whose workers are <c>WorkerPool.TestWorker</c>. Keeps what happened, for
/// the test's output.
/// </summary>
internal sealed class TestPool : IAsyncDisposable
{
    public const string Endpoint = "main";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Channel<PoolEvent> _unseen = Channel.CreateUnbounded<PoolEvent>();
    private readonly List<PoolEvent> _seen = [];
    private readonly Task _reading;

    private TestPool(Master master, LogBook log)
    {
        Master = master;
        Log = log;
        IAsyncEnumerable<PoolEvent> events = master.ReadEventsAsync();
        _reading = Task.Run(async () =>
        {
            await foreach (PoolEvent poolEvent in events)
            {
                _unseen.Writer.TryWrite(poolEvent);
            }
        });
    }

    public static string WorkerProgram { get; } = Path.Combine(AppContext.BaseDirectory, "WorkerPool.TestWorker");

    public Master Master { get; }

    /// <summary>What the master has logged since before its start.</summary>
    public LogBook Log { get; }

    public PoolStatus Status => Master.Status;

    public EndPoint EndPoint => Master.GetEndPoint(Endpoint);

    /// <summary>A pool of four workers on a free port of the loopback address, with short deadlines.</summary>
    public static async Task<TestPool> StartAsync(Action<PoolOptions>? change = null)
    {
        LogBook log = new();
        PoolOptions options = Options();
        options.LoggerFactory = log;
        change?.Invoke(options);
        if (options.Endpoints.Count == 0)
        {
            options.Listen(Endpoint, "127.0.0.1:0");
        }

        return new TestPool(await Master.StartAsync(options, TestContext.Current.CancellationToken), log);
    }

    public static PoolOptions Options()
    {
        PoolOptions options = new()
        {
            WorkerCount = 4,
            Release = Release("v1", "serve"),
            StartDeadline = TimeSpan.FromSeconds(20),
            DrainDeadline = TimeSpan.FromSeconds(20),
            StopGrace = TimeSpan.FromSeconds(1),
            KillGrace = TimeSpan.FromSeconds(1),
        };
        options.Respawn.BaseDelay = TimeSpan.FromMilliseconds(10);
        return options;
    }

    public static Release Release(string label, params string[] behaviour) =>
        WorkerPool.Release.Create(WorkerProgram, behaviour, label);

    public int ProcessOf(int slot) => Status.Slots[slot].Workers[^1].ProcessId;

    public Task<Client> ConnectAsync() => Client.ConnectAsync(EndPoint);

    /// <summary>Who answers a new connection.</summary>
    public async Task<Answer> AskAsync(string line = "hello")
    {
        using Client client = await ConnectAsync();
        return await client.AskAsync(line);
    }

    /// <summary>The next event that fits, among those that this was not asked about yet.</summary>
    public async Task<PoolEvent> WaitForAsync(Func<PoolEvent, bool> fits, string what)
    {
        if (_seen.Find(poolEvent => fits(poolEvent)) is PoolEvent already)
        {
            _seen.Remove(already);
            return already;
        }

        using CancellationTokenSource deadline = new(Patience);
        try
        {
            while (true)
            {
                PoolEvent next = await _unseen.Reader.ReadAsync(deadline.Token);
                if (fits(next))
                {
                    return next;
                }

                _seen.Add(next);
            }
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"Not seen within {Patience}: {what}. What happened:\n{Log.Text}");
        }
    }

    public Task<PoolEvent> WaitForAsync(PoolEventKind kind, int? slot = null) =>
        WaitForAsync(poolEvent => poolEvent.Kind == kind && (slot is null || poolEvent.Slot == slot), $"{kind} of slot {slot}");

    /// <summary>Forgets the events that were passed over so far.</summary>
    public void Forget() => _seen.Clear();

    public async ValueTask DisposeAsync()
    {
        await Master.DisposeAsync();
        await _reading;

        // The runner shows it only if the test fails.
        TestContext.Current.TestOutputHelper?.WriteLine(Log.Text);
    }
}
