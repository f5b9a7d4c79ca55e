using System.Globalization;

namespace WorkerPool.Benchmarks;

/// <summary>
/// What part of the machine's CPU others take, or the host of a virtual machine withholds, while something is measured,
/// see proc_stat(5).
/// </summary>
/// <param name="ownMicroseconds">The CPU time of all processes that belong to the measurement.</param>
internal sealed class ForeignLoad(Func<double> ownMicroseconds)
{
    private const double MicrosecondsPerTick = 10_000;

    private Reading _start;

    public void Begin() => _start = Read();

    /// <summary>The part since the beginning, 0 to 1. The kernel counts in 10 ms, so ask for no shorter times than some 100 ms.</summary>
    public double End()
    {
        Reading end = Read();
        double foreign = end.Busy - _start.Busy - (end.Own - _start.Own);
        return Math.Clamp(foreign / (end.All - _start.All), 0, 1);
    }

    private Reading Read()
    {
        // user nice system idle iowait irq softirq steal guest guest_nice; the last two are in the first two already
        double[] ticks = [.. File.ReadLines("/proc/stat").First()
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..9]
            .Select(number => double.Parse(number, CultureInfo.InvariantCulture) * MicrosecondsPerTick)];
        double all = ticks.Sum();
        return new Reading(all, all - ticks[3] - ticks[4], ownMicroseconds());
    }

    private readonly record struct Reading(double All, double Busy, double Own);
}
