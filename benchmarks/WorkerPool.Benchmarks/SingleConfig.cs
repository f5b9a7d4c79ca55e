using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Engines;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace WorkerPool.Benchmarks;

/// <summary>Each call is one measurement, for what takes milliseconds and is asked for now and then: the median counts.</summary>
internal sealed class SingleConfig : ManualConfig
{
    public SingleConfig()
    {
        AddJob(Job.Default
            .WithToolchain(InProcessEmitToolchain.Instance)
            .WithStrategy(RunStrategy.Monitoring)
            .WithInvocationCount(1)
            .WithUnrollFactor(1)
            .WithWarmupCount(50)
            .WithIterationCount(200));
        AddColumn(StatisticColumn.Median, StatisticColumn.P95, MedianColumn.Ratio, MedianColumn.Difference);
        HideColumns(Column.Mean, Column.Error, Column.StdDev, Column.Ratio, Column.RatioSD);
    }
}
