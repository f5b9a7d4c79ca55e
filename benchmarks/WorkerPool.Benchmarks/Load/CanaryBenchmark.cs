using System.Globalization;

namespace WorkerPool.Benchmarks.Load;

/// <summary>A release that is given 1 % of new connections, and runs in one of four slots: what does it get?</summary>
internal static class CanaryBenchmark
{
    private const double Share = 0.01;
    private const int Clients = 16;

    public static async Task<int> RunAsync(string[] numbers)
    {
        long wanted = numbers.Length > 0 ? long.Parse(numbers[0], CultureInfo.InvariantCulture) : 100_000;
        using CProgram? load = CProgram.TryCompile("Load/load.c");
        using CProgram? server = CProgram.TryCompile("Load/server.c");
        if (load is null || server is null)
        {
            Console.Error.WriteLine("This benchmark needs gcc.");
            return 1;
        }

        PoolOptions options = new() { WorkerCount = 4, Release = Release.Create(server.Path, label: "v1") };
        options.Listen("load", "127.0.0.1:0");
        await using Master master = await Master.StartAsync(options);
        (await master.SetShareAsync("v2", Share)).EnsureDone();
        (await master.RollAsync(new RolloutPlan(Release.Create(server.Path, label: "v2")) { Slots = [2], Bake = TimeSpan.Zero })).EnsureDone();
        LoadPhase phase;
        long served = 0, canary = 0, lost = 0;
        do
        {
            using LoadClients clients = LoadClients.Start(load, master.GetEndPoint("load"));
            clients.Phase("canary");
            clients.Clients(Clients);
            await Task.Delay(TimeSpan.FromSeconds(1));
            phase = (await clients.StopAsync())["canary"];
            served += phase.Served;
            canary += phase.Slots[2];
            lost += phase.Lost;
        }
        while (served < wanted);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{canary} of {served} connections went to the canary: {100.0 * canary / served:F3} %; {lost} were lost."));
        return 0;
    }
}
