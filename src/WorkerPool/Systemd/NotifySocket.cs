using System.Net.Sockets;
using System.Text;
using WorkerPool.Sockets.Activation;

namespace WorkerPool.Systemd;

/// <summary>The datagrams of sd_notify(3): variables in lines. Not thread-safe.</summary>
internal sealed class NotifySocket : IDisposable
{
    public const string Variable = NotifyAddress.Variable;

    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);

    private NotifySocket(UnixDomainSocketEndPoint address)
    {
        try
        {
            _socket.Connect(address);
        }
        catch
        {
            _socket.Dispose();
            throw;
        }
    }

    /// <summary>Opens the socket of an address as the variable has it.</summary>
    /// <param name="address">A path, or an abstract name behind <c>@</c>.</param>
    /// <exception cref="SocketException">Nobody is there.</exception>
    /// <exception cref="NotSupportedException">It is an address of another kind, such as <c>vsock:</c>.</exception>
    public static NotifySocket Open(string address) => new(NotifyAddress.Parse(address));

    /// <summary>Sends one message.</summary>
    /// <exception cref="SocketException">It was not taken.</exception>
    public void Send(string text) => _socket.Send(Encoding.UTF8.GetBytes(text));

    public void Dispose() => _socket.Dispose();
}
