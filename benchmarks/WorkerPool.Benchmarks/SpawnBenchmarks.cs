using System.Diagnostics;
using BenchmarkDotNet.Attributes;
using WorkerPool.Processes;

namespace WorkerPool.Benchmarks;

/// <summary>A process that does nothing, from the start to the moment when its exit status is known.</summary>
[Config(typeof(SingleConfig))]
public class SpawnBenchmarks
{
    private readonly string _program = "/bin/true";
    private readonly Release _release;

    public SpawnBenchmarks() => _release = Release.Create(_program);

    [Benchmark(Baseline = true)]
    public async Task<int> ProcessStart()
    {
        using Process process = Process.Start(_program);
        await process.WaitForExitAsync();
        return process.ExitCode;
    }

    [Benchmark]
    public async Task<bool> WorkerPoolSpawner()
    {
        using ChildProcess child = Spawner.Spawn(new SpawnRequest { Release = _release });
        return (await child.Exited).IsSuccess;
    }
}
