using System.Globalization;

namespace WorkerPool.Benchmarks.Load;

/// <summary>
/// What clients notice of rollouts: connections that are due at the rate that keeps half of the machine's processors busy,
/// whatever becomes of them (open loop), while every worker is replaced again and again.
/// </summary>
/// <remarks>Command line: <c>rollout [workers] [rollouts] [parallelism] [variant ...]</c></remarks>
internal static class RolloutBenchmark
{
    private const int StartDelayMilliseconds = 500;
    private const int ClosedLoopClients = 64;

    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Capacity = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Steady = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(0.5);

    public static async Task<int> RunAsync(string[] arguments)
    {
        int[] numbers = [.. arguments.TakeWhile(argument => int.TryParse(argument, out _)).Select(argument => int.Parse(argument, CultureInfo.InvariantCulture))];
        string[] names = arguments[numbers.Length..];
        RolloutVariant[] variants = names.Length == 0 ? [.. RolloutVariant.All] : [.. names.Select(name => RolloutVariant.All.Single(variant => variant.Name == name))];
        using CProgram? clients = CProgram.TryCompile("Load/load.c");
        using CProgram? native = CProgram.TryCompile("Load/server.c");
        if (clients is null || native is null)
        {
            Console.Error.WriteLine("This benchmark needs gcc: clients that take the processor away from the workers would measure themselves.");
            return 1;
        }

        Console.WriteLine("| variant | connections/s, of capacity | busy steady / during | rollouts | connections | lost | steady p50 / p99 / p99.9, ms | during p50 / p99 / p99.9 / max, ms | p99 during / steady | seconds for a rollout | ready at least |");
        Console.WriteLine("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|");
        foreach (RolloutVariant variant in variants)
        {
            await MeasureAsync(variant, clients, native, numbers.ElementAtOrDefault(0, 4), numbers.ElementAtOrDefault(1, 20), numbers.ElementAtOrDefault(2, 1));
        }

        return 0;
    }

    private static int ElementAtOrDefault(this int[] numbers, int index, int standard) => index < numbers.Length ? numbers[index] : standard;

    private static async Task MeasureAsync(RolloutVariant variant, CProgram client, CProgram native, int workers, int rollouts, int parallelism)
    {
        PoolOptions options = Options(variant, native, workers);
        await using Master master = await Master.StartAsync(options);
        await using Master? beside = variant.IsBeside ? await Master.StartAsync(Options(variant, native, workers)) : null;
        Master rolled = beside ?? master;
        using LoadClients clients = LoadClients.Start(client, master.GetEndPoint("load"));
        double capacity = await FindCapacityAsync(master, client);
        clients.Phase("warm-up");
        double rate = variant.IsSaturated ? Saturate(clients, capacity) : await FindRateAsync(clients, capacity);
        RolloutPlan plan = new(options.Release!)
        {
            Order = variant.Order,
            Bake = TimeSpan.Zero,
            Parallelism = parallelism,
            Surge = parallelism,
            Unavailable = parallelism,
            CheckMemory = false,
        };
        int leastReady = workers;
        double seconds = 0;
        double steadyLoad = 0;
        double load = 0;
        for (int rollout = 0; rollout < rollouts; rollout++)
        {
            // A steady time before each rollout: what others do to the machine concerns both.
            clients.Phase("steady");
            steadyLoad += await MachineLoad.MeasureAsync(Steady);
            (double busy, double all) = MachineLoad.Read();
            clients.Phase("during");
            Task<Verdict> rolling = rolled.RollAsync(plan);
            while (await Task.WhenAny(rolling, Task.Delay(10)) != rolling)
            {
                leastReady = Math.Min(leastReady, rolled.Status.ReadyCount);
            }

            seconds += (await rolling).EnsureDone().Duration.TotalSeconds;
            (double busyThen, double allThen) = MachineLoad.Read();
            load += (busyThen - busy) / (allThen - all);
            clients.Phase("rest");
            await Task.Delay(Rest);
        }

        Dictionary<string, LoadPhase> phases = await clients.StopAsync();
        Print(variant.Name, (rate, capacity), rollouts, phases, (steadyLoad / rollouts, load / rollouts), seconds / rollouts, leastReady);
    }

    private static PoolOptions Options(RolloutVariant variant, CProgram native, int workers)
    {
        PoolOptions options = new()
        {
            WorkerCount = workers,
            StartNice = variant.StartNice,
            Release = variant.IsNative
                ? Release.Create("/bin/sh", ["-c", $"sleep {StartDelayMilliseconds / 1000.0:0.###}; exec {native.Path}"], label: "v1")
                : DotnetRelease(variant),
        };
        options.Steering.Enabled = variant.Steering;
        options.Steering.SlowStart = variant.SlowStart;
        options.Listen("load", "127.0.0.1:0");
        return options;
    }

    private static Release DotnetRelease(RolloutVariant variant)
    {
        string? published = variant.IsPublished
            ? Environment.GetEnvironmentVariable("LOAD_WORKER") ?? throw new InvalidOperationException("Publish WorkerPool.LoadWorker, and say in LOAD_WORKER where it is.")
            : null;
        return LoadWorker.Release(StartDelayMilliseconds, variant.WarmUpConnections, published);
    }

    /// <summary>The rate that keeps half of the processors busy, workers and clients together.</summary>
    private static async Task<double> FindRateAsync(LoadClients clients, double capacity)
    {
        double rate = capacity / 4;
        for (int attempt = 0; attempt < 3; attempt++)
        {
            clients.Rate(rate);
            await Task.Delay(Settling);
            rate = Math.Min(capacity / 2, rate * 0.5 / await MachineLoad.MeasureAsync(Settling));
        }

        clients.Rate(rate);
        await Task.Delay(Settling);
        return rate;
    }

    private static double Saturate(LoadClients clients, double capacity)
    {
        clients.Clients(ClosedLoopClients);
        return capacity;
    }

    /// <summary>What the machine can serve if clients wait for their answers: workers, clients and master together use all of it.</summary>
    private static async Task<double> FindCapacityAsync(Master master, CProgram load)
    {
        using LoadClients clients = LoadClients.Start(load, master.GetEndPoint("load"));
        clients.Phase("warm-up");
        clients.Clients(ClosedLoopClients);
        await Task.Delay(WarmUp);
        clients.Phase("capacity");
        await Task.Delay(Capacity);
        clients.Phase("end");
        LoadPhase capacity = (await clients.StopAsync())["capacity"];
        return capacity.Served / capacity.Seconds;
    }

    private static void Print(
        string name, (double Rate, double Capacity) connections, int rollouts, Dictionary<string, LoadPhase> phases, (double Steady, double During) busy, double seconds, int leastReady)
    {
        LoadPhase steady = phases["steady"];
        LoadPhase during = phases["during"];
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {name} | {connections.Rate:F0} of {connections.Capacity:F0} | {busy.Steady:P0} / {busy.During:P0} | {rollouts} | {phases.Values.Sum(phase => phase.Served)} | {phases.Values.Sum(phase => phase.Lost)} | {steady.P50:F2} / {steady.P99:F2} / {steady.P999:F2} | {during.P50:F2} / {during.P99:F2} / {during.P999:F2} / {during.Max:F1} | {during.P99 / steady.P99:F2} | {seconds:F2} | {leastReady} |"));
    }
}
