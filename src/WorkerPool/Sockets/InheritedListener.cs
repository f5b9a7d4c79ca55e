using System.Net;
using WorkerPool.Interop;
using static Tmds.Linux.LibC;

namespace WorkerPool.Sockets;

/// <summary>
/// This worker's copy of a listening socket, which the master and other workers have too. Closing it takes nothing from
/// them. Nothing here changes the socket: all that setsockopt(2), listen(2) and shutdown(2) do, they do to everybody.
/// </summary>
internal sealed class InheritedListener : Descriptor
{
    /// <param name="number">Taken over, unless this throws.</param>
    /// <exception cref="SystemCallException">It is not an open socket.</exception>
    /// <exception cref="ArgumentException">It does not listen, or would block.</exception>
    public InheritedListener(int number)
        : base(number)
    {
        try
        {
            Examine();
        }
        catch
        {
            SetHandleAsInvalid();
            throw;
        }
    }

    /// <summary>The address that it listens on, see getsockname(2).</summary>
    public EndPoint LocalEndPoint => SocketName.Of(Number);

    /// <summary>How many connections wait to be accepted; or, where the kernel does not tell, the most that can.</summary>
    public int CountWaiting() => AcceptQueue.TryRead(this, out int length, out _) ? length : AcceptQueue.LimitOf(int.MaxValue);

    /// <summary>The descriptor of the next connection, or -1 with <see cref="Errno.Last"/>; never EINTR.</summary>
    public unsafe int Accept(int flags)
    {
        while (true)
        {
            int accepted = accept4(Number, null, null, flags | SOCK_CLOEXEC);
            if (accepted >= 0 || Errno.Last != EINTR)
            {
                return accepted;
            }
        }
    }

    private unsafe void Examine()
    {
        int listens = 0;
        Tmds.Linux.socklen_t size = sizeof(int);
        SystemCall.Check(getsockopt(Number, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size), $"getsockopt({Number}, SO_ACCEPTCONN)");
        if (listens == 0)
        {
            throw new ArgumentException($"Descriptor {Number} is a socket that does not listen. Call listen before it is passed on.");
        }

        // Not set here: the flag belongs to everybody who has the socket.
        if ((SystemCall.Check(fcntl(Number, F_GETFL), $"fcntl({Number}, F_GETFL)") & O_NONBLOCK) == 0)
        {
            throw new ArgumentException(
                $"Descriptor {Number} listens in blocking mode. Whoever made it has to set SOCK_NONBLOCK (socket(2)).");
        }

        // A child of the worker must not keep the address in use.
        SystemCall.Check(fcntl(Number, F_SETFD, FD_CLOEXEC), $"fcntl({Number}, F_SETFD)");
    }
}
