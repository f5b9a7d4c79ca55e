using System.Globalization;
using System.Net;
using WorkerPool.AspNetCore;

namespace WorkerPool.WebBenchmarks.Servers;

/// <summary>The same application in workers of a pool. The master prints its port and ends with its standard input.</summary>
internal static class PoolRole
{
    public const string Name = "pool-server";

    private const string Endpoint = "web";

    public static Task<int> RunAsync(string[] arguments)
    {
        CancellationTokenSource ended = new();
        return Pool.RunAsync(
            pool =>
            {
                pool.WorkerCount = int.Parse(arguments[0], CultureInfo.InvariantCulture);
                pool.RuntimeDefaults = Environment.GetEnvironmentVariable("POOL_RUNTIME_DEFAULTS") != "0";
                pool.Listen(Endpoint, "127.0.0.1:0");
            },
            ServeAsync,
            (master, _) => ManageAsync(master, ended),
            ended.Token);
    }

    private static async Task ServeAsync(Worker worker)
    {
        WebApplicationBuilder builder = WebApp.CreateBuilder();
        builder.WebHost.UseWorker(worker);
        await using WebApplication app = WebApp.Build(builder);
        await app.RunAsync();
    }

    private static async Task ManageAsync(Master master, CancellationTokenSource ended)
    {
        int port = ((IPEndPoint)master.GetEndPoint(Endpoint)).Port;
        await Console.Out.WriteLineAsync(port.ToString(CultureInfo.InvariantCulture));
        await Task.Run(Console.In.ReadToEnd);
        await ended.CancelAsync();
    }
}
