using System.Net.Sockets;
using WorkerPool.Interop;
using static Tmds.Linux.LibC;

namespace WorkerPool.Sockets;

/// <summary>
/// A connection that was taken out from under a <see cref="Socket"/>, on which somebody may be waiting for bytes. The socket
/// goes on to exist, with the number that it has, and nothing ever comes there; whatever is done to it, its disposal included,
/// does not reach the connection any more.
/// </summary>
/// <remarks>
/// <code>
/// before     number ──► connection                 in between     number ──► a socket that is silent
///                                                                 copy   ──► connection
/// </code>
/// It can be put back: the one that waits notices nothing. A closed number alone would not do: disposing a socket on which
/// somebody waits resets its connection, and <see cref="Socket.Shutdown"/> ends it for everybody who has it.
/// The runtime's epoll keeps an entry of the connection for as long as anybody has it: it may wake up in vain, until the process ends.
/// </remarks>
internal sealed unsafe class DetachedConnection : IDisposable
{
    private readonly SafeSocketHandle _socket;

    private DetachedConnection(SafeSocketHandle socket, Descriptor connection) => (_socket, Connection) = (socket, connection);

    /// <summary>The connection; this object's, and nobody else uses it.</summary>
    public Descriptor Connection { get; }

    /// <exception cref="ObjectDisposedException">The socket is closed.</exception>
    /// <exception cref="SystemCallException">There are no descriptors left, for instance; nothing has changed.</exception>
    public static DetachedConnection Detach(Socket from)
    {
        SafeSocketHandle handle = from.SafeHandle;
        bool isHeld = false;
        handle.DangerousAddRef(ref isHeld); // the number stays this socket's
        try
        {
            int number = (int)handle.DangerousGetHandle();
            using Descriptor silent = CreateSilent();
            Descriptor copy = new(SystemCall.Check(fcntl(number, F_DUPFD_CLOEXEC, 0), $"fcntl({number}, F_DUPFD_CLOEXEC)"));
            DetachedConnection detached = new(handle, copy);
            try
            {
                Replace(number, silent);
            }
            catch
            {
                copy.Dispose();
                throw;
            }

            isHeld = false; // by what is returned, from now on
            return detached;
        }
        finally
        {
            if (isHeld)
            {
                handle.DangerousRelease();
            }
        }
    }

    /// <summary>Gives the connection back to the socket. What came meanwhile is announced to the one that waits.</summary>
    public void PutBack()
    {
        Replace((int)_socket.DangerousGetHandle(), Connection);

        // The one that waits may have been told of it already, and have found nothing: edge-triggered, it is not told twice.
        // Setting the low-water mark makes the kernel look whether there is something to be told.
        int one = 1;
        SystemCall.Check(setsockopt(Connection.Number, SOL_SOCKET, SO_RCVLOWAT, &one, sizeof(int)), "setsockopt(SO_RCVLOWAT)");
    }

    /// <summary>Closes our copy. Others that have the connection keep it.</summary>
    public void Dispose()
    {
        if (!Connection.IsClosed)
        {
            Connection.Dispose();
            _socket.DangerousRelease();
        }
    }

    // A datagram socket without a name and a peer: nothing can come there, and a shutdown of it succeeds.
    private static Descriptor CreateSilent() =>
        new(SystemCall.Check(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), "socket(AF_UNIX)"));

    private static void Replace(int number, Descriptor by)
    {
        int result;
        do
        {
            result = dup3(by.Number, number, O_CLOEXEC);
        }
        while (result < 0 && Errno.Last is var error && (error == EINTR || error == EBUSY));
        SystemCall.Check(result, $"dup3({by.Number}, {number})");
    }
}
