using System.Globalization;

namespace WorkerPool.Benchmarks.Load;

/// <summary>What part of the machine's processors is in use, by whomever, see proc_stat(5).</summary>
internal static class MachineLoad
{
    /// <summary>Over a time, 0 to 1.</summary>
    public static async Task<double> MeasureAsync(TimeSpan time)
    {
        (double busy, double all) = Read();
        await Task.Delay(time);
        (double busyThen, double allThen) = Read();
        return (busyThen - busy) / (allThen - all);
    }

    public static (double Busy, double All) Read()
    {
        // user nice system idle iowait irq softirq steal
        double[] ticks = [.. File.ReadLines("/proc/stat").First()
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..9]
            .Select(number => double.Parse(number, CultureInfo.InvariantCulture))];
        return (ticks.Sum() - ticks[3] - ticks[4], ticks.Sum());
    }
}
