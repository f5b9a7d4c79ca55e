using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace WorkerPool.WebBenchmarks.Servers;

/// <summary>
/// Kestrel as it is, with its own transport. With a port it shares it with other processes by SO_REUSEPORT, each with a
/// socket of its own. Prints its port, ends with its standard input.
/// </summary>
internal static class PlainServer
{
    public const string Role = "plain";
    public const string Share = "share";

    private const int SOL_SOCKET = 1;
    private const int SO_REUSEPORT = 15;

    public static async Task<int> RunAsync(string[] arguments)
    {
        bool share = arguments.Contains(Share);
        int port = arguments.Length > 0 ? int.Parse(arguments[0], CultureInfo.InvariantCulture) : 0;
        WebApplicationBuilder builder = WebApp.CreateBuilder();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        if (share)
        {
            builder.Services.Configure<SocketTransportOptions>(options => options.CreateBoundListenSocket = Bind);
        }

        await using WebApplication app = WebApp.Build(builder);
        await app.StartAsync();
        await Console.Out.WriteLineAsync(new Uri(app.Urls.First()).Port.ToString(CultureInfo.InvariantCulture));
        await Task.Run(Console.In.ReadToEnd);
        await app.StopAsync();
        return 0;
    }

    private static Socket Bind(EndPoint endPoint)
    {
        Socket listener = new(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        listener.SetRawSocketOption(SOL_SOCKET, SO_REUSEPORT, BitConverter.GetBytes(1));
        listener.Bind(endPoint);
        return listener;
    }
}
