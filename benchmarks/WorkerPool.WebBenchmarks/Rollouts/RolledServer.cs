using System.Net;

namespace WorkerPool.WebBenchmarks.Rollouts;

/// <summary>A web server of several processes that can be replaced while it serves.</summary>
internal abstract class RolledServer : IAsyncDisposable
{
    public abstract IPEndPoint Http { get; }

    public abstract IPEndPoint Http2 { get; }

    public abstract IEnumerable<int> Processes { get; }

    /// <summary>Replaces every process, one after the other, each successor first.</summary>
    public abstract Task RollAsync();

    public abstract ValueTask DisposeAsync();

    public static async Task<RolledServer> StartAsync(RolloutOptions options) =>
        options.IsPool ? await PoolServer.StartAsync(options) : await PlainPair.StartAsync(options);
}
