using BenchmarkDotNet.Attributes;
using WorkerPool.Processes;

namespace WorkerPool.Benchmarks.Replace;

/// <summary>
/// One replacement in a pool of one slot, whose worker is ready and drained at once. The baseline is what no library can
/// save: the same program, started and ended. The difference is what the library adds; the goal is at most 2 ms.
/// </summary>
[Config(typeof(SingleConfig))]
public class ReplaceBenchmarks
{
    private CProgram? _program;
    private Release? _release;
    private Master? _master;

    [GlobalSetup]
    public async Task StartAsync()
    {
        _program = CProgram.TryCompile("Replace/worker.c")
            ?? throw new InvalidOperationException("This benchmark needs gcc: a worker that costs nothing cannot be of .NET.");
        _release = Release.Create(_program.Path);
        PoolOptions options = new() { WorkerCount = 1, Release = _release };
        options.Listen("benchmark", "127.0.0.1:0");
        _master = await Master.StartAsync(options);
    }

    [GlobalCleanup]
    public async Task StopAsync()
    {
        await _master!.DisposeAsync();
        _program!.Dispose();
    }

    /// <summary>Without a control channel the program ends at once.</summary>
    [Benchmark(Baseline = true)]
    public async Task SpawnAndExit()
    {
        using ChildProcess child = Spawner.Spawn(new SpawnRequest { Release = _release! });
        ExitStatus exit = await child.Exited;
        if (!exit.IsSuccess)
        {
            throw new InvalidOperationException($"The program ended with {exit}.");
        }
    }

    [Benchmark]
    public async Task ReplaceStartFirst() => (await _master!.ReplaceAsync(0, order: ReplaceOrder.StartFirst)).EnsureDone();

    [Benchmark]
    public async Task ReplaceStopFirst() => (await _master!.ReplaceAsync(0, order: ReplaceOrder.StopFirst)).EnsureDone();
}
