using System.Globalization;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;

namespace WorkerPool.Benchmarks;

/// <summary>The median less the median of the baseline, in µs.</summary>
internal sealed class OverBaselineColumn : IColumn
{
    public string Id => nameof(OverBaselineColumn);

    public string ColumnName => "Over baseline";

    public string Legend => "Median less the median of the baseline";

    public bool AlwaysShow => true;

    public ColumnCategory Category => ColumnCategory.Baseline;

    public int PriorityInCategory => 0;

    public bool IsNumeric => true;

    public UnitType UnitType => UnitType.Time;

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase)
    {
        BenchmarkCase? baseline = summary.GetBaseline(summary.GetLogicalGroupKey(benchmarkCase));
        return MedianOf(summary, benchmarkCase) is double median && MedianOf(summary, baseline) is double other
            ? string.Create(CultureInfo.InvariantCulture, $"{(median - other) / 1000:F1} μs")
            : "?";
    }

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase, SummaryStyle style) => GetValue(summary, benchmarkCase);

    public bool IsAvailable(Summary summary) => true;

    public bool IsDefault(Summary summary, BenchmarkCase benchmarkCase) => false;

    private static double? MedianOf(Summary summary, BenchmarkCase? benchmarkCase) =>
        benchmarkCase is null ? null : summary[benchmarkCase]?.ResultStatistics?.Median;
}
