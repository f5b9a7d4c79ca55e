using System.Net.Sockets;

namespace WorkerPool.Sockets;

/// <summary>Opens the one listening socket of a Unix endpoint.</summary>
internal static class UnixListener
{
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="file">The socket file; null for an abstract address, which the kernel gives to one socket only, and frees.</param>
    public static ListeningSocket Open(ListenEndpoint endpoint, out UnixSocketFile? file)
    {
        UnixDomainSocketEndPoint address = (UnixDomainSocketEndPoint)endpoint.EndPoint;
        ListeningSocket socket = ListeningSocket.Create(address, endpoint.Name, endpoint.Backlog);
        try
        {
            file = null;
            if (AddressText.PathOf(address) is not null)
            {
                file = UnixSocketFile.Bind(socket, address, endpoint.UnixMode);
            }
            else
            {
                socket.Bind(address);
                socket.Listen();
            }

            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
