using System.Globalization;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace WorkerPool.AspNetCore.TestWorker;

/// <summary>An app with everything that the tests ask of one; each argument makes it different in one way.</summary>
internal static class TestApp
{
    private static int s_requests;

    public static async Task RunAsync(Worker worker, string[] args)
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddSimpleConsole(console => console.SingleLine = true);
        builder.Logging.AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Services.AddSignalR();
        builder.Services.AddControllers();
        builder.Services.AddGrpc();
        builder.WebHost.ConfigureKestrel(kestrel => Listen(kestrel, worker, args));
        if (args.Contains("systemd-before"))
        {
            builder.Host.UseSystemd();
        }

        if (args.Contains("configured-address"))
        {
            builder.Configuration["Kestrel:Endpoints:Own:Url"] = "http://127.0.0.1:0";
        }

        builder.WebHost.UseWorker(worker, options => Configure(options, args));
        if (args.Contains("systemd-after"))
        {
            builder.Host.UseSystemd();
        }

        if (args.Contains("unhealthy"))
        {
            builder.Services.AddHealthChecks().AddCheck("database", () => HealthCheckResult.Unhealthy("it is not there"), tags: ["ready"]);
        }
        else if (args.Contains("healthy-later"))
        {
            builder.Services.AddHealthChecks()
                .AddCheck("cache", () => s_checks++ < 3 ? HealthCheckResult.Unhealthy("filling") : HealthCheckResult.Healthy(), tags: ["ready"])
                .AddCheck("other", () => HealthCheckResult.Unhealthy("nobody asks"));
        }

        await using WebApplication app = builder.Build();
        app.UseWebSockets();
        Map(app);
        if (args.Contains("urls"))
        {
            app.Urls.Add("http://127.0.0.1:1");
        }

        await app.RunAsync();
    }

    private static int s_checks;

    private static void Configure(WorkerWebOptions options, string[] args)
    {
        options.IdleCloseTime = TimeSpan.FromMilliseconds(200);
        options.MinimumSilence = TimeSpan.FromMilliseconds(args.Contains("patient") ? 60_000 : 100);
        options.FirstRequestTime = TimeSpan.FromSeconds(args.Contains("impatient") ? 0.2 : 60);
        options.ReadinessTimeout = TimeSpan.FromSeconds(1);
        options.HandOverIdleConnections = !args.Contains("no-hand-over");
        options.AllowOtherAddresses = args.Contains("allow-other") || args.Contains("may-listen");
        if (args.Contains("warm-up"))
        {
            options.WarmUpPaths.Add("/count");
            options.WarmUpRounds = 5;
        }

        if (args.Contains("warm-up-fails"))
        {
            options.WarmUpPaths.Add("/nothing-here");
        }
    }

    private static void Listen(KestrelServerOptions kestrel, Worker worker, string[] args)
    {
        if (args.Contains("http3"))
        {
            kestrel.ListenWorker("http", listen => listen.Protocols = HttpProtocols.Http1AndHttp2AndHttp3);
        }

        if (args.Contains("unknown-endpoint"))
        {
            kestrel.ListenWorker("admin");
        }

        if (args.Contains("own-address") || args.Contains("allow-other"))
        {
            kestrel.Listen(System.Net.IPAddress.Loopback, 0);
        }

        if (args.Any(arg => arg.StartsWith("systemd", StringComparison.Ordinal)))
        {
            kestrel.UseSystemd();
        }

        if (worker.Listeners.Any(listener => listener.Name == "https"))
        {
            kestrel.ListenWorker("https", listen => listen.UseHttps(CreateCertificate()));
        }

        if (worker.Listeners.Any(listener => listener.Name == "h2c"))
        {
            kestrel.ListenWorker("h2c", listen => listen.Protocols = HttpProtocols.Http2);
        }
    }

    private static void Map(WebApplication app)
    {
        app.MapGet("/who", (IWorkerFeature worker) => string.Create(
            CultureInfo.InvariantCulture, $"{worker.Slot} {worker.Generation} {worker.Label} {Environment.ProcessId}"));
        app.MapGet("/count", () => Interlocked.Increment(ref s_requests).ToString(CultureInfo.InvariantCulture));
        app.MapGet("/slow", async (int? ms, HttpContext context) =>
        {
            await Task.Delay(ms ?? 300, context.RequestAborted);
            return "slow";
        });
        app.MapPost("/echo", async (HttpRequest request) =>
        {
            using StreamReader reader = new(request.Body);
            return await reader.ReadToEndAsync();
        });
        app.MapPost("/unread", () => Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
        app.MapGet("/bind", (HttpContext context) =>
        {
            context.Features.GetRequiredFeature<IConnectionItemsFeature>().Items["user"] = "somebody";
            return "bound";
        });
        app.MapGet("/never", async context =>
        {
            await context.Response.WriteAsync("begun\n");
            await context.Response.Body.FlushAsync();
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        app.MapGet("/stop", (IHostApplicationLifetime application) => application.StopApplication());
        app.MapControllers();
        app.MapHub<EchoHub>("/hub");
        app.MapGrpcService<GreeterService>();
        app.Map("/ws", EchoAsync);
    }

    private static async Task EchoAsync(HttpContext context, IHostApplicationLifetime application)
    {
        using WebSocket socket = await context.WebSockets.AcceptWebSocketAsync();
        await using CancellationTokenRegistration registration = application.ApplicationStopping.Register(() =>
            _ = socket.CloseOutputAsync(WebSocketCloseStatus.EndpointUnavailable, "the worker stops", CancellationToken.None));
        byte[] buffer = new byte[1024];
        WebSocketReceiveResult received;
        while ((received = await socket.ReceiveAsync(buffer, context.RequestAborted)).MessageType != WebSocketMessageType.Close)
        {
            await socket.SendAsync(buffer.AsMemory(0, received.Count), received.MessageType, received.EndOfMessage, context.RequestAborted);
        }

        if (socket.State == WebSocketState.CloseReceived)
        {
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
        }
    }

    private static X509Certificate2 CreateCertificate()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=localhost", key, HashAlgorithmName.SHA256);
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }
}

internal sealed class EchoHub(IWorkerFeature worker) : Hub
{
    /// <summary>Who serves this connection.</summary>
    public string Who() => Context.ConnectionId.Length > 0 ? worker.Label : "";

    /// <summary>A call that is under way for as long, or until its connection has ended.</summary>
    public async Task<string> WhoSlowly(int milliseconds)
    {
        await Task.Delay(milliseconds, Context.ConnectionAborted);
        return worker.Label;
    }
}
