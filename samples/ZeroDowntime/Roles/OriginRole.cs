using System.Net;
using System.Net.Sockets;

namespace ZeroDowntime.Roles;

/// <summary>The server behind the proxy: sends back what it gets, and ends sending when its peer does.</summary>
internal static class OriginRole
{
    private const int Backlog = 4096;
    private const int BufferSize = 16_384;

    /// <summary>Prints its port, serves until standard input ends.</summary>
    public static async Task<int> RunAsync()
    {
        using Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(Backlog);
        await Console.Out.WriteLineAsync($"{((IPEndPoint)listener.LocalEndPoint!).Port}");
        Task accepting = AcceptAsync(listener);
        Task<string?> inputEnd = Console.In.ReadLineAsync();
        await await Task.WhenAny(accepting, inputEnd);
        return 0;
    }

    private static async Task AcceptAsync(Socket listener)
    {
        while (true)
        {
            _ = EchoAsync(await listener.AcceptAsync());
        }
    }

    private static async Task EchoAsync(Socket client)
    {
        using (client)
        {
            client.NoDelay = true;
            byte[] buffer = new byte[BufferSize];
            try
            {
                int count;
                while ((count = await client.ReceiveAsync(buffer)) > 0)
                {
                    await client.SendAsync(buffer.AsMemory(0, count));
                }

                client.Shutdown(SocketShutdown.Send);
            }
            catch (SocketException)
            {
                // The proxy reset it. Whether that was right is for the client to judge: it misses the bytes.
            }
        }
    }
}
