using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using WorkerPool.Hosting;

namespace WorkerPool.TestWorker;

/// <summary>
/// Both roles under the Generic Host. Argument: a file of JSON, or nothing. The master prints what <see cref="TestMaster"/> does, and
/// "health STATUS TEXT" when it is up.
/// </summary>
internal static class HostedProgram
{
    public static async Task<int> RunAsync(string configuration)
    {
        HostApplicationBuilder builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { Args = [] });
        if (configuration.Length > 0)
        {
            builder.Configuration.AddJsonFile(configuration, optional: false, reloadOnChange: true);
        }

        builder.Configuration.AddEnvironmentVariables();
        builder.Logging.ClearProviders().SetMinimumLevel(LogLevel.Warning).AddSimpleConsole(console => console.SingleLine = true);

        builder.Services.AddWorkerPool(pool =>
        {
            pool.WorkerCount = 2;
            pool.Listen("main", "127.0.0.1:0");
        });
        builder.Services.AddHealthChecks().AddWorkerPool();
        builder.Services.AddWorker(services => services.AddHostedService<LineService>());
        if (!Worker.IsWorker)
        {
            builder.Services.AddHostedService<Reporter>();
        }

        await builder.Build().RunAsync();
        return 0;
    }

    private sealed class LineService(Worker worker) : BackgroundService
    {
        protected override Task ExecuteAsync(CancellationToken stoppingToken) => LineServer.AcceptAllAsync(worker);
    }

    private sealed class Reporter(IWorkerPool pool, HealthCheckService health) : BackgroundService
    {
        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            Master master = await pool.StartedAsync(stoppingToken);
            IAsyncEnumerable<PoolEvent> events = master.ReadEventsAsync(CancellationToken.None);
            foreach (SlotStatus slot in master.Status.Slots)
            {
                Console.WriteLine($"worker {slot.Slot} {slot.Workers[0].ProcessId}");
            }

            HealthReportEntry entry = (await health.CheckHealthAsync(stoppingToken)).Entries["workerpool"];
            Console.WriteLine($"health {entry.Status} {entry.Description}");
            Console.WriteLine($"up {master.GetEndPoint("main")}");
            _ = PrintAsync(events); // to the end of the pool, which comes after the end of this service
        }

        private static async Task PrintAsync(IAsyncEnumerable<PoolEvent> events)
        {
            await foreach (PoolEvent poolEvent in events)
            {
                Console.WriteLine($"{poolEvent.Kind} {poolEvent.Slot} {poolEvent.ProcessId} {poolEvent.Message}");
            }
        }
    }
}
