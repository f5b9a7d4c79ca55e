using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace WorkerPool.WebBenchmarks.Servers;

/// <summary>The application that all servers run: one route, a short text.</summary>
internal static class WebApp
{
    /// <summary>A builder without what a benchmark should not measure: logging, configuration files.</summary>
    public static WebApplicationBuilder CreateBuilder()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.Configure<SocketTransportOptions>(SetFromEnvironment);
        return builder;
    }

    public static WebApplication Build(WebApplicationBuilder builder)
    {
        WebApplication app = builder.Build();
        app.MapGet("/", static () => "Hello, World!");
        return app;
    }

    // So that options of the transport are compared just as variables of the runtime are.
    private static void SetFromEnvironment(SocketTransportOptions options)
    {
        options.IOQueueCount = Number("KESTREL_IO_QUEUES") ?? options.IOQueueCount;
        options.UnsafePreferInlineScheduling = Number("KESTREL_INLINE") == 1;
        options.WaitForDataBeforeAllocatingBuffer = Number("KESTREL_WAIT_FOR_DATA") != 0;
    }

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), out int value) ? value : null;
}
