using System.Globalization;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Engines;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using WorkerPool.Sockets;

namespace WorkerPool.Benchmarks.Steering;

/// <summary>Each call is one measurement; and how many instructions each table takes.</summary>
/// <remarks>
/// Few calls on purpose: the kernel frees replaced programs later, and deadlocks when about 2,000 of them wait for it.
/// </remarks>
internal sealed class SteeringConfig : ManualConfig
{
    public SteeringConfig()
    {
        AddJob(Job.Default
            .WithToolchain(InProcessEmitToolchain.Instance)
            .WithStrategy(RunStrategy.Monitoring)
            .WithInvocationCount(1)
            .WithUnrollFactor(1)
            .WithWarmupCount(10)
            .WithIterationCount(50));
        AddColumn(StatisticColumn.Median, new InstructionsColumn());
    }

    private sealed class InstructionsColumn : IColumn
    {
        public string Id => ColumnName;

        public string ColumnName => "Instructions";

        public string Legend => "Length of the program in instructions of classic BPF, of 8 bytes";

        public bool AlwaysShow => true;

        public ColumnCategory Category => ColumnCategory.Custom;

        public int PriorityInCategory => 0;

        public bool IsNumeric => true;

        public UnitType UnitType => UnitType.Dimensionless;

        public string GetValue(Summary summary, BenchmarkCase benchmarkCase)
        {
            int slots = (int)benchmarkCase.Parameters[nameof(SteeringBenchmarks.Slots)];
            var kind = (SteeringTable.Kind)benchmarkCase.Parameters[nameof(SteeringBenchmarks.Table)];
            return SteeringProgram.Compile(SteeringTable.Of(kind, slots)).Length.ToString(CultureInfo.InvariantCulture);
        }

        public string GetValue(Summary summary, BenchmarkCase benchmarkCase, SummaryStyle style) => GetValue(summary, benchmarkCase);

        public bool IsAvailable(Summary summary) => true;

        public bool IsDefault(Summary summary, BenchmarkCase benchmarkCase) => false;
    }
}
