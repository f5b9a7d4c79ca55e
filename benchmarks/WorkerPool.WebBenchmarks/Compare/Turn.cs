using WorkerPool.WebBenchmarks.Load;

namespace WorkerPool.WebBenchmarks.Compare;

/// <summary>One server under one workload for one turn.</summary>
internal sealed record Turn(LoadResult Load, double ServerCpuMicroseconds)
{
    public double CpuPerRequest => ServerCpuMicroseconds / Load.Requests;
}
