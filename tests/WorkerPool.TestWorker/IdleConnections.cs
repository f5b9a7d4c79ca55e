using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace WorkerPool.TestWorker;

/// <summary>Says on standard error how many bytes of managed memory an idle connection holds, both of its sockets included.</summary>
internal static class IdleConnections
{
    public static async Task<int> MeasureAsync(int count)
    {
        List<(SocketConnection Connection, Socket Peer)> pairs = [];
        using Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        for (int i = 0; i < count; i++)
        {
            pairs.Add(await ConnectAsync(listener));
        }

        long bytes = GC.GetTotalMemory(forceFullCollection: true);
        foreach ((SocketConnection connection, Socket peer) in pairs)
        {
            peer.Dispose();
            await connection.DisposeAsync();
            await connection.Completed;
        }

        pairs.Clear();
        bytes -= GC.GetTotalMemory(forceFullCollection: true);
        await Console.Error.WriteLineAsync((bytes / count).ToString(CultureInfo.InvariantCulture));
        return 0;
    }

    /// <summary>A connection that has been used, and is idle now.</summary>
    private static async Task<(SocketConnection Connection, Socket Peer)> ConnectAsync(Socket listener)
    {
        Socket mine = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await mine.ConnectAsync(listener.LocalEndPoint!);
        Socket peer = await listener.AcceptAsync();
        SocketConnection connection = new(mine);
        await connection.Output.WriteAsync("hello"u8.ToArray());
        await peer.ReceiveAsync(new byte[5]);
        return (connection, peer);
    }
}
