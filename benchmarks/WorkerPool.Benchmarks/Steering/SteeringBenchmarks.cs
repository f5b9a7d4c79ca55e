using BenchmarkDotNet.Attributes;
using WorkerPool.Interop;
using WorkerPool.Sockets;

namespace WorkerPool.Benchmarks.Steering;

/// <summary>What a change of the table costs the master.</summary>
[Config(typeof(SteeringConfig))]
public class SteeringBenchmarks : IDisposable
{
    private EndpointSockets? _sockets;
    private double[] _weights = [];
    private Libc.sock_filter[] _program = [];

    [Params(4, 64, 1024)]
    public int Slots { get; set; }

    [Params(SteeringTable.Kind.OneOut, SteeringTable.Kind.Canary, SteeringTable.Kind.AllDifferent)]
    public SteeringTable.Kind Table { get; set; }

    [GlobalSetup]
    public void Open()
    {
        _sockets = EndpointSockets.Open(ListenEndpoint.Parse("http", "127.0.0.1:0"), Slots);
        _weights = SteeringTable.Of(Table, Slots);
        _program = SteeringProgram.Compile(_weights);
    }

    [Benchmark]
    public int Compile() => SteeringProgram.Compile(_weights).Length;

    [Benchmark]
    public void Attach()
    {
        if (!WorkerPool.Sockets.Steering.TryAttach(_sockets!.Get(0), _program, out string? refusal))
        {
            throw new InvalidOperationException(refusal);
        }
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _sockets?.Dispose();
        GC.SuppressFinalize(this);
    }
}
