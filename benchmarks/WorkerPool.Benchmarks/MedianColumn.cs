using System.Globalization;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;

namespace WorkerPool.Benchmarks;

/// <summary>Compares the median with that of the baseline; the ratios of BenchmarkDotNet are of means, which outliers rule.</summary>
internal sealed class MedianColumn(string name, string legend, Func<double, double, string> compare) : IColumn
{
    public static MedianColumn Difference { get; } = new(
        "Median over baseline", "Median less the median of the baseline",
        (median, baseline) => string.Create(CultureInfo.InvariantCulture, $"{(median - baseline) / 1000:F0} μs"));

    public static MedianColumn Ratio { get; } = new(
        "Median ratio", "Median divided by the median of the baseline",
        (median, baseline) => string.Create(CultureInfo.InvariantCulture, $"{median / baseline:F2}"));

    public string Id => name;

    public string ColumnName => name;

    public string Legend => legend;

    public bool AlwaysShow => true;

    public ColumnCategory Category => ColumnCategory.Baseline;

    public int PriorityInCategory => 0;

    public bool IsNumeric => true;

    public UnitType UnitType => UnitType.Dimensionless;

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase)
    {
        BenchmarkCase? baseline = summary.GetBaseline(summary.GetLogicalGroupKey(benchmarkCase));
        return MedianOf(summary, benchmarkCase) is double median && MedianOf(summary, baseline) is double other
            ? compare(median, other)
            : "?";
    }

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase, SummaryStyle style) => GetValue(summary, benchmarkCase);

    public bool IsAvailable(Summary summary) => true;

    public bool IsDefault(Summary summary, BenchmarkCase benchmarkCase) => false;

    private static double? MedianOf(Summary summary, BenchmarkCase? benchmarkCase) =>
        benchmarkCase is null ? null : summary[benchmarkCase]?.ResultStatistics?.Median;
}
