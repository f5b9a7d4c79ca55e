using System.Net;

namespace WorkerPool.Sockets;

/// <summary>The accept queue of one listening socket. To be made by the socket's owner, to be measured from any thread.</summary>
/// <param name="slot">The slot; null: all slots accept from it.</param>
/// <param name="endpoint">The name of the endpoint.</param>
/// <param name="socket">The socket.</param>
internal sealed class SlotQueue(int? slot, string endpoint, ListeningSocket socket)
{
    private readonly ulong? _unixInode = socket.Address is IPEndPoint ? null : socket.Inode;

    public int? Slot => slot;

    /// <summary>How long the queue is, and how long it may be; nothing of both if the kernel does not tell.</summary>
    public QueueMeasurement Measure()
    {
        (int Length, int Limit)? read = _unixInode is ulong inode ? ReadUnix(inode)
            : AcceptQueue.TryReadHeld(socket, out int length, out int limit) ? (length, limit)
            : null;
        return new QueueMeasurement { Slot = slot, Endpoint = endpoint, Length = read?.Length, Limit = read?.Limit };
    }

    private static (int, int)? ReadUnix(ulong inode)
    {
        try
        {
            using SocketDiagnostics diagnostics = SocketDiagnostics.Open();
            return diagnostics.ReadUnixQueue(inode);
        }
        catch (SystemCallException)
        {
            return null; // a sandbox, or no descriptor left: it is not known, then
        }
    }
}
