using System.Globalization;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Samples;
using WorkerPool;
using WorkerPool.AspNetCore;

namespace HelloWeb;

/// <summary>A worker of the server: an ordinary web app, and <see cref="WorkerWebHostBuilderExtensions.UseWorker"/>.</summary>
internal static class HelloWorker
{
    /// <summary>What the names of endpoints with TLS begin with.</summary>
    public const string Https = "https";

    /// <summary>What the names of endpoints with HTTP/2 and no TLS begin with.</summary>
    public const string Http2 = "h2c";

    public static async Task ServeAsync(Worker worker, HelloOptions options)
    {
        Ballast.Take(options.BallastMegabytes);
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => Listen(kestrel, worker));
        builder.WebHost.UseWorker(worker, web =>
        {
            web.IdleCloseTime = options.IdleCloseTime;
            web.WarmUp = (_, cancellationToken) => Task.Delay(options.StartDelay, cancellationToken);
            if (options.WarmUpRounds > 0)
            {
                web.WarmUpPaths.Add("/");
                web.WarmUpRounds = options.WarmUpRounds;
            }
        });

        await using WebApplication app = builder.Build();
        app.UseWebSockets();
        HelloEndpoints.Map(app, options, worker.Slot.ToString(CultureInfo.InvariantCulture), worker.Label);
        await app.RunAsync();
    }

    private static void Listen(KestrelServerOptions kestrel, Worker worker)
    {
        foreach (string endpoint in worker.Listeners.Select(listener => listener.Name))
        {
            if (endpoint.StartsWith(Https, StringComparison.Ordinal))
            {
                kestrel.ListenWorker(endpoint, listen => listen.UseHttps(TestCertificate.Create()));
            }
            else if (endpoint.StartsWith(Http2, StringComparison.Ordinal))
            {
                kestrel.ListenWorker(endpoint, listen => listen.Protocols = HttpProtocols.Http2);
            }
        }
    }
}
