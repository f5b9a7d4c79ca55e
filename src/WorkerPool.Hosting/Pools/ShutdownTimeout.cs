using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace WorkerPool.Hosting.Pools;

/// <summary>A host that gave its services less time to stop than the workers have to drain would cut connections.</summary>
[SuppressMessage("Performance", "CA1812", Justification = "Made by the host's services.")]
internal sealed class ShutdownTimeout(IOptions<PoolOptions> pool) : IPostConfigureOptions<HostOptions>
{
    private static readonly TimeSpan ForTheRest = TimeSpan.FromSeconds(5);

    public void PostConfigure(string? name, HostOptions options)
    {
        TimeSpan longest = pool.Value.Steering.HandshakeLimit + pool.Value.DrainDeadline + pool.Value.StopGrace + pool.Value.KillGrace + ForTheRest;
        if (options.ShutdownTimeout != Timeout.InfiniteTimeSpan && options.ShutdownTimeout < longest)
        {
            options.ShutdownTimeout = longest;
        }
    }
}
