using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using WorkerPool.Benchmarks.Accept;
using WorkerPool.Processes;
using WorkerPool.Runtime.Telemetry;
using WorkerPool.Supervision;

namespace WorkerPool.Benchmarks.Telemetry;

/// <summary>
/// What metrics and traces cost: for each connection that a worker accepts, with a collector in the master and without,
/// in turns; for each collection; for each thing that happens.
/// </summary>
internal static class TelemetryBenchmark
{
    public const string Worker = "telemetry-worker";

    private const int WarmUpRounds = 5;
    private const int Collections = 200;
    private const int Records = 1_000_000;
    private static readonly TimeSpan CollectPeriod = TimeSpan.FromMilliseconds(100); // far more often than usual

    public static async Task<int> RunAsync(string[] numbers)
    {
        int connections = numbers.Length > 0 ? int.Parse(numbers[0], CultureInfo.InvariantCulture) : 2_000;
        int rounds = numbers.Length > 1 ? int.Parse(numbers[1], CultureInfo.InvariantCulture) : 41;
        await MeasureAcceptingAsync(connections, rounds);
        MeasureRecording();
        using CProgram? program = CProgram.TryCompile("Replace/worker.c");
        foreach (int slots in program is null ? [] : (int[])[4, 64, 512])
        {
            await MeasureCollectingAsync(Release.Create(program!.Path), slots);
        }

        return 0;
    }

    public static Task<int> RunWorkerAsync() => Pool.RunAsync(_ => { }, async worker =>
    {
        await worker.ReadyAsync();
        await foreach (Socket client in worker.Listeners[0].AcceptAllAsync())
        {
            client.Dispose();
        }
    });

    private static async Task MeasureAcceptingAsync(int connections, int rounds)
    {
        await using Master master = await StartAsync(Release.Current("benchmark", [Worker]), slots: 1);
        int port = ((IPEndPoint)master.GetEndPoint("benchmark")).Port;
        int process = master.Status.Slots[0].Workers[0].ProcessId;
        List<(double Without, double With)> samples = [];
        for (int round = -WarmUpRounds; round < rounds; round++)
        {
            bool collectFirst = round % 2 == 0;
            double first = await TurnAsync(collectFirst);
            double second = await TurnAsync(!collectFirst);
            if (round >= 0)
            {
                samples.Add(collectFirst ? (second, first) : (first, second));
            }
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"CPU of the worker for each connection, µs: {Median(samples.Select(one => one.Without)):F2} without a collector, {Median(samples.Select(one => one.With)):F2} with one; "
            + $"ratio within rounds {Median(samples.Select(one => one.With / one.Without)):F3} (quartiles {Quantile(samples.Select(one => one.With / one.Without), 0.25):F3} to {Quantile(samples.Select(one => one.With / one.Without), 0.75):F3}; {rounds} rounds of {connections}); counted {master.Status.AcceptedTotal}."));

        async Task<double> TurnAsync(bool collect)
        {
            using Collector? collector = collect ? new Collector() : null;
            await using Timer? timer = collector is null ? null : new Timer(_ => collector.Collect(), null, CollectPeriod, CollectPeriod);
            TimeSpan before = ProcessClock.Read(process)!.Value;
            ConnectLoad.Run(port, connections, clients: 8);
            return (ProcessClock.Read(process)!.Value - before).TotalMicroseconds / connections;
        }
    }

    private static async Task MeasureCollectingAsync(Release release, int slots)
    {
        await using Master master = await StartAsync(release, slots);
        using Collector collector = new();
        collector.Collect();
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        double[] times = [.. Enumerable.Range(0, Collections).Select(_ =>
        {
            long start = Stopwatch.GetTimestamp();
            collector.Collect();
            return Stopwatch.GetElapsedTime(start).TotalMicroseconds;
        })];
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"A collection of {slots} slots: {Median(times):F0} µs, {(GC.GetAllocatedBytesForCurrentThread() - allocated) / 1000.0 / Collections:F0} KB allocated, {collector.Count / (Collections + 1)} values."));
    }

    private static void MeasureRecording()
    {
        PoolStatus empty = new() { Slots = [], RespawnSuspended = false, Stopping = false };
        using PoolTelemetry telemetry = new(new PoolOptions(), () => empty, () => [], NullLogger.Instance);
        Announce exit = new(PoolEventKind.WorkerExited, "") { Slot = 0, Exit = new ExitStatus(0, null), WasAsked = true };
        double without = Record(telemetry, exit);
        using Collector collector = new();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"An exit recorded: {without:F0} ns without a collector, {Record(telemetry, exit):F0} ns with one."));
    }

    private static double Record(PoolTelemetry telemetry, SupervisionAction action)
    {
        long start = 0;
        for (int i = -Records; i < Records; i++)
        {
            start = i == 0 ? Stopwatch.GetTimestamp() : start;
            telemetry.Record(action);
        }

        return Stopwatch.GetElapsedTime(start).TotalNanoseconds / Records;
    }

    private static Task<Master> StartAsync(Release release, int slots)
    {
        PoolOptions options = new() { WorkerCount = slots, Release = release };
        options.Listen("benchmark", "127.0.0.1:0");
        return Master.StartAsync(options);
    }

    private static double Median(IEnumerable<double> values) => Quantile(values, 0.5);

    private static double Quantile(IEnumerable<double> values, double part)
    {
        double[] sorted = [.. values.Order()];
        return sorted[(int)(part * (sorted.Length - 1))];
    }

    /// <summary>Takes every measurement and does nothing with it but count.</summary>
    private sealed class Collector : IDisposable
    {
        private readonly MeterListener _listener = new();

        public Collector()
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == PoolTelemetry.Name)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<long>((_, _, _, _) => Count++);
            _listener.SetMeasurementEventCallback<double>((_, _, _, _) => Count++);
            _listener.Start();
        }

        public int Count { get; private set; }

        public void Collect() => _listener.RecordObservableInstruments();

        public void Dispose() => _listener.Dispose();
    }
}
