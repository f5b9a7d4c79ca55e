using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace HelloWeb;

/// <summary>
/// The same app without a pool, as it is replaced elsewhere: a process of its own that shares its addresses by SO_REUSEPORT, so that
/// the next one can start before it ends.
/// </summary>
internal static class HelloPlain
{
    private const int SOL_SOCKET = 1;
    private const int SO_REUSEPORT = 15;

    public static async Task RunAsync(HelloOptions options)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Services.Configure<SocketTransportOptions>(transport => transport.CreateBoundListenSocket = Bind);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            foreach (string address in options.Listen)
            {
                kestrel.Listen(IPEndPoint.Parse(address));
            }

            foreach (string address in options.ListenHttp2)
            {
                kestrel.Listen(IPEndPoint.Parse(address), listen => listen.Protocols = HttpProtocols.Http2);
            }
        });
        await using WebApplication app = builder.Build();
        app.UseWebSockets();
        HelloEndpoints.Map(app, options, slot: "none", options.Pool.Label ?? "plain");
        app.Lifetime.ApplicationStarted.Register(() => Console.WriteLine($"HelloWeb: process {Environment.ProcessId} listens."));
        await app.RunAsync();
    }

    private static Socket Bind(EndPoint address)
    {
        Socket listener = new(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        listener.SetRawSocketOption(SOL_SOCKET, SO_REUSEPORT, BitConverter.GetBytes(1));
        listener.Bind(address);
        return listener;
    }
}
