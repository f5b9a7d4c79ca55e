using System.Globalization;
using WorkerPool;
using WorkerPool.AspNetCore;

namespace YarpProxy;

/// <summary>A worker of the proxy: an ordinary web app with YARP in it.</summary>
internal static class ProxyWorker
{
    public static async Task ServeAsync(Worker worker, ProxyOptions options)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());

        // Read once: a change reaches the workers by a rollout, one after the other, and is taken back if it is bad.
        builder.Configuration.AddJsonFile(options.ConfigurationFile, optional: false, reloadOnChange: false);
        builder.Logging.AddConfiguration(builder.Configuration.GetSection("Logging")).AddConsole(ToStandardError);
        builder.WebHost.UseKestrel().UseWorker(worker);
        builder.Services.AddRouting();
        builder.Services.AddReverseProxy().LoadFromConfig(builder.Configuration.GetSection("ReverseProxy"));

        await using WebApplication app = builder.Build();
        app.Use(Signed(worker));
        app.MapReverseProxy();
        await app.RunAsync();
    }

    // Standard error passes through the master, which puts a dead worker's last lines into the verdict.
    private static void ToStandardError(Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions console) =>
        console.LogToStandardErrorThreshold = LogLevel.Trace;

    /// <summary>Responses say who served them.</summary>
    private static Func<HttpContext, RequestDelegate, Task> Signed(Worker worker)
    {
        string process = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        string slot = worker.Slot.ToString(CultureInfo.InvariantCulture);
        return (context, next) =>
        {
            context.Response.Headers["x-proxy-worker"] = process;
            context.Response.Headers["x-proxy-slot"] = slot;
            context.Response.Headers["x-proxy-version"] = worker.Label;
            return next(context);
        };
    }
}
