using System.Diagnostics;
using System.Globalization;
using WorkerPool.Processes;

namespace WorkerPool.Benchmarks.Replace;

/// <summary>
/// The library's own part of a rollout over many slots, whose workers are ready and drained at once. It must grow with the
/// number of slots and no faster. The baseline is the same program, as often started and ended, one after the other.
/// </summary>
internal static class RollBenchmark
{
    private const int Rounds = 5;

    public static async Task<int> RunAsync(string[] numbers)
    {
        using CProgram? program = CProgram.TryCompile("Replace/worker.c");
        if (program is null)
        {
            Console.Error.WriteLine("This benchmark needs gcc: a worker that costs nothing cannot be of .NET.");
            return 1;
        }

        int[] sizes = numbers.Length == 0 ? [16, 64, 512] : [.. numbers.Select(number => int.Parse(number, CultureInfo.InvariantCulture))];
        Console.WriteLine("| slots | order | for each slot, ms | baseline, ms | over it, ms | CPU of the master, ms | allocated, KB |");
        Console.WriteLine("|--:|---|--:|--:|--:|--:|--:|");
        foreach (int size in sizes)
        {
            await MeasureAsync(Release.Create(program.Path), size);
        }

        return 0;
    }

    private static async Task MeasureAsync(Release release, int slots)
    {
        PoolOptions options = new() { WorkerCount = slots, Release = release };
        options.Listen("benchmark", "127.0.0.1:0");
        await using Master master = await Master.StartAsync(options);
        foreach (ReplaceOrder order in Enum.GetValues<ReplaceOrder>())
        {
            RolloutPlan plan = new(release) { Order = order, Bake = TimeSpan.Zero, CheckMemory = false };
            (await master.RollAsync(plan)).EnsureDone(); // to warm up
            Sample[] baseline = new Sample[Rounds];
            Sample[] rolled = new Sample[Rounds];
            for (int round = 0; round < Rounds; round++)
            {
                baseline[round] = await Sample.TakeAsync(slots, () => SpawnAllAsync(release, slots));
                rolled[round] = await Sample.TakeAsync(slots, async () => (await master.RollAsync(plan)).EnsureDone());
            }

            Print(slots, order, baseline, rolled);
        }
    }

    private static async Task SpawnAllAsync(Release release, int count)
    {
        for (int i = 0; i < count; i++)
        {
            using ChildProcess child = Spawner.Spawn(new SpawnRequest { Release = release });
            await child.Exited;
        }
    }

    private static void Print(int slots, ReplaceOrder order, Sample[] baseline, Sample[] rolled) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"| {slots} | {order} | {Median(rolled, one => one.Elapsed):F2} | {Median(baseline, one => one.Elapsed):F2} | {Median(rolled, one => one.Elapsed) - Median(baseline, one => one.Elapsed):F2} | {Median(rolled, one => one.Cpu):F2} | {Median(rolled, one => one.Allocated):F0} |"));

    private static double Median(Sample[] samples, Func<Sample, double> what) => samples.Select(what).Order().ElementAt(samples.Length / 2);

    /// <summary>Milliseconds, milliseconds and kilobytes of this process, for each slot.</summary>
    private sealed record Sample(double Elapsed, double Cpu, double Allocated)
    {
        public static async Task<Sample> TakeAsync(int slots, Func<Task> act)
        {
            TimeSpan cpu = Environment.CpuUsage.TotalTime;
            long allocated = GC.GetTotalAllocatedBytes();
            long start = Stopwatch.GetTimestamp();
            await act();
            return new Sample(
                Stopwatch.GetElapsedTime(start).TotalMilliseconds / slots,
                (Environment.CpuUsage.TotalTime - cpu).TotalMilliseconds / slots,
                (GC.GetTotalAllocatedBytes() - allocated) / 1000.0 / slots);
        }
    }
}
