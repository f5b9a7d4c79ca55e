using System.Net;
using System.Net.Sockets;

namespace WorkerPool.FunctionalTests.Connections;

/// <summary>A connection over loopback under test, and its peer as a bare socket.</summary>
internal sealed class ConnectionPair : IAsyncDisposable
{
    private ConnectionPair(SocketConnection connection, Socket peer)
    {
        Connection = connection;
        Peer = peer;
    }

    public SocketConnection Connection { get; }

    public Socket Peer { get; }

    public static CancellationToken Deadline => new CancellationTokenSource(TimeSpan.FromSeconds(30)).Token;

    public static async Task<ConnectionPair> CreateAsync(SocketConnectionOptions? options = null)
    {
        (Socket mine, Socket peer) = await CreateSocketsAsync();
        return new ConnectionPair(new SocketConnection(mine, options), peer);
    }

    public static async Task<(Socket One, Socket Other)> CreateSocketsAsync()
    {
        using Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(1);
        Socket one = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await one.ConnectAsync(listener.LocalEndPoint!, Deadline);
        return (one, await listener.AcceptAsync(Deadline));
    }

    /// <summary>All that the peer gets, up to the end.</summary>
    public Task<byte[]> ReadPeerToEndAsync() => Peer.ReadToEndAsync();

    public void ResetByPeer()
    {
        Peer.LingerState = new LingerOption(enable: true, seconds: 0);
        Peer.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        Peer.Dispose();
        await Connection.DisposeAsync();
        await Connection.Completed.WaitAsync(Deadline);
    }
}
