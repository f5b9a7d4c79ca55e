using System.Diagnostics;
using System.Globalization;
using WorkerPool.WebBenchmarks.Servers;

namespace WorkerPool.WebBenchmarks.Rollouts;

/// <summary>Replaces all processes of a web server again and again under load of every kind, and says what became of each client.</summary>
internal static class RolloutBenchmark
{
    private const string Before = "before";
    private const string During = "during";

    private static readonly TimeSpan SamplePeriod = TimeSpan.FromMilliseconds(100);

    public static async Task<int> RunAsync(RolloutOptions options)
    {
        await using RolledServer server = await RolledServer.StartAsync(options);
        using RolloutLoad load = new(server.Http, server.Http2, options);
        load.Start();
        await Task.Delay(TimeSpan.FromSeconds(options.BeforeSeconds));
        double memoryBefore = Memory(server);
        using CancellationTokenSource sampling = new();
        Task<double> peak = PeakAsync(server, sampling.Token);
        load.Enter(During);
        long begin = Stopwatch.GetTimestamp();
        for (int i = 0; i < options.Rollouts; i++)
        {
            await server.RollAsync();
        }

        TimeSpan time = Stopwatch.GetElapsedTime(begin);
        await sampling.CancelAsync();
        await load.EndAsync();
        Print(options, load, time, memoryBefore, await peak);
        return load.All.Sum(tally => tally.Failed) == 0 ? 0 : 1;
    }

    private static void Print(RolloutOptions options, RolloutLoad load, TimeSpan time, double memoryBefore, double peak)
    {
        Say($"{(options.IsPool ? "pool" : "plain")}: {options.Rollouts} rollouts of {options.Processes} processes in {time.TotalSeconds:0.0} s; memory {memoryBefore:0} MB before, {peak:0} MB at most, {peak / memoryBefore:0.00}x");
        foreach (Tally tally in load.All)
        {
            string closed = tally.ClosedInOrder > 0 ? $", {tally.ClosedInOrder} closed in order" : "";
            Say($"  {tally.Kind,-32} {tally.Done,8} done, {tally.Failed,5} failed{closed}   {tally.Failures()}");
        }

        foreach (string phase in new[] { Before, During })
        {
            Tally requests = load.Requests;
            Say($"  {phase,-7} connection per request: p50 {requests.Percentile(phase, 0.5):0.00} ms, p99 {requests.Percentile(phase, 0.99):0.00}, p99.9 {requests.Percentile(phase, 0.999):0.00}, max {requests.Percentile(phase, 1):0.00}");
        }

        Say($"  p99 during / before: {load.Requests.Percentile(During, 0.99) / load.Requests.Percentile(Before, 0.99):0.00}");
    }

    private static async Task<double> PeakAsync(RolledServer server, CancellationToken ending)
    {
        double peak = 0;
        while (!ending.IsCancellationRequested)
        {
            peak = Math.Max(peak, Memory(server));
            await Task.Delay(SamplePeriod, ending).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return peak;
    }

    private static double Memory(RolledServer server) => server.Processes.Sum(MemoryOrNothing);

    private static double MemoryOrNothing(int process)
    {
        try
        {
            return ProcessMemory.Megabytes(process);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            return 0; // it has just ended
        }
    }

    private static void Say(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
