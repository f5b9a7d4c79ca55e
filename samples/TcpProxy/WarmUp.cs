using System.Net;
using System.Net.Sockets;
using WorkerPool;

namespace TcpProxy;

/// <summary>
/// Sends connections of its own through a worker that is not ready yet, to an upstream of its own, so that the first
/// client meets code that is compiled and has run. The real upstream is not bothered.
/// </summary>
internal sealed class WarmUp : IDisposable
{
    private static readonly byte[] Message = new byte[1024];

    private readonly Socket _upstream = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public WarmUp()
    {
        _upstream.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _upstream.Listen();
        Upstream = UpstreamAddress.Parse(_upstream.LocalEndPoint!.ToString()!);
    }

    /// <summary>Gives each connection back what it sends. Relay to it until <see cref="RunAsync"/> has ended.</summary>
    public UpstreamAddress Upstream { get; }

    /// <summary>Makes the connections, one after the other, and takes each to its end.</summary>
    public async Task RunAsync(IReadOnlyList<WorkerListener> listeners, int connections, CancellationToken cancellationToken)
    {
        for (int i = 0; i < connections; i++)
        {
            using Socket client = await listeners[i % listeners.Count].ConnectToSelfAsync(cancellationToken);
            Task echo = EchoOneAsync(cancellationToken);
            await client.SendAsync(Message, cancellationToken);
            client.Shutdown(SocketShutdown.Send);
            int received = await ReadToEndAsync(client, cancellationToken);
            if (received != Message.Length)
            {
                throw new IOException($"Of {Message.Length} bytes that were relayed {received} came back.");
            }

            await echo;
        }
    }

    public void Dispose() => _upstream.Dispose();

    private async Task EchoOneAsync(CancellationToken cancellationToken)
    {
        using Socket connection = await _upstream.AcceptAsync(cancellationToken);
        byte[] buffer = new byte[Message.Length];
        for (int count; (count = await connection.ReceiveAsync(buffer, cancellationToken)) > 0;)
        {
            await connection.SendAsync(buffer.AsMemory(0, count), cancellationToken);
        }

        connection.Shutdown(SocketShutdown.Send);
    }

    private static async Task<int> ReadToEndAsync(Socket socket, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[Message.Length];
        int sum = 0;
        for (int count; (count = await socket.ReceiveAsync(buffer, cancellationToken)) > 0;)
        {
            sum += count;
        }

        return sum;
    }
}
