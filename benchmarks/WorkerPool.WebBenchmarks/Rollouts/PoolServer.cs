using System.Net;

namespace WorkerPool.WebBenchmarks.Rollouts;

/// <summary>HelloWeb as workers of a pool, whose master is this process.</summary>
internal sealed class PoolServer : RolledServer
{
    private readonly Master _master;
    private readonly Release _release;

    private PoolServer(Master master, Release release)
    {
        _master = master;
        _release = release;
    }

    public static new async Task<RolledServer> StartAsync(RolloutOptions options)
    {
        // As a worker it reads the command line too, but listens where the pool does.
        Release release = Release.Create(options.Command[0], [.. options.Command[1..], "--listen", "127.0.0.1:0", "--idle-close-ms", "1000"], "HelloWeb");
        PoolOptions pool = new()
        {
            WorkerCount = options.Processes,
            Release = release,
            DrainDeadline = TimeSpan.FromSeconds(options.DrainSeconds),
        };
        pool.Listen("http0", "127.0.0.1:0");
        pool.Listen("h2c0", "127.0.0.1:0");
        return new PoolServer(await Master.StartAsync(pool), release);
    }

    public override IPEndPoint Http => (IPEndPoint)_master.GetEndPoint("http0");

    public override IPEndPoint Http2 => (IPEndPoint)_master.GetEndPoint("h2c0");

    public override IEnumerable<int> Processes => _master.Status.Slots.SelectMany(slot => slot.Workers).Select(worker => worker.ProcessId);

    public override async Task RollAsync()
    {
        Verdict verdict = await _master.RollAsync(new RolloutPlan(_release) { Order = ReplaceOrder.StartFirst, Bake = TimeSpan.Zero });
        verdict.EnsureDone();
    }

    public override async ValueTask DisposeAsync()
    {
        await _master.StopAsync();
        await _master.DisposeAsync();
    }
}
