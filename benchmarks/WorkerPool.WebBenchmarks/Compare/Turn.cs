using System.Globalization;
using WorkerPool.WebBenchmarks.Load;

namespace WorkerPool.WebBenchmarks.Compare;

/// <summary>One server under one workload for one turn.</summary>
internal sealed record Turn(LoadResult Load, double ServerCpuMicroseconds, double ClientCpuMicroseconds)
{
    public double CpuPerRequest => ServerCpuMicroseconds / Load.Requests;

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Load.PerSecond:0}/s; {CpuPerRequest:0.0} µs, client {ClientCpuMicroseconds / Load.Requests:0.0} µs; p50 {Load.P50Microseconds:0}; p99 {Load.P99Microseconds:0}; max {Load.MaxMicroseconds:0}");
}
