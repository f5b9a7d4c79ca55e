using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.Logging.Abstractions;
using WorkerPool.Runtime;

namespace WorkerPool.Benchmarks.Steering;

/// <summary>What it costs to learn that no handshake is in flight.</summary>
[Config(typeof(ShortConfig))]
public class HandshakeBenchmarks : IDisposable
{
    private readonly PoolSockets _sockets = PoolSockets.Open([ListenEndpoint.Parse("http", "127.0.0.1:0")], 2, NullLogger.Instance);

    [Benchmark]
    public Task<int> NothingInFlight() =>
        _sockets.WhenHandshakesSettledAsync(0, TimeSpan.FromSeconds(1), TimeProvider.System, CancellationToken.None);

    [GlobalCleanup]
    public void Dispose()
    {
        _sockets.Dispose();
        GC.SuppressFinalize(this);
    }
}
