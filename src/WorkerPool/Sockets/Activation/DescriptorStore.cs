using System.Net.Sockets;
using System.Text;
using Tmds.Linux;
using WorkerPool.Interop;
using static Tmds.Linux.LibC;

namespace WorkerPool.Sockets.Activation;

/// <summary>
/// The service manager's store of descriptors, which outlives a master: <c>FDSTORE=1</c> of sd_notify(3). It answers nothing,
/// not even whether it has kept one. Not thread-safe.
/// </summary>
internal sealed unsafe class DescriptorStore : IDisposable
{
    // A manager that reads nothing for so long is stuck; the master is not to be, too.
    private const int PatienceSeconds = 5;

    private readonly Descriptor _socket;

    private DescriptorStore(Descriptor socket) => _socket = socket;

    /// <exception cref="SystemCallException">Nobody is there.</exception>
    public static DescriptorStore Open(UnixDomainSocketEndPoint address)
    {
        Descriptor socket = new(SystemCall.Check(LibC.socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket(AF_UNIX)"));
        try
        {
            long* patience = stackalloc long[2]; // struct timeval
            (patience[0], patience[1]) = (PatienceSeconds, 0);
            SystemCall.Check(setsockopt(socket.Number, SOL_SOCKET, SO_SNDTIMEO, patience, 2 * sizeof(long)), "setsockopt(SO_SNDTIMEO)");
            System.Net.SocketAddress raw = address.Serialize();
            fixed (byte* bytes = raw.Buffer.Span)
            {
                SystemCall.Check(connect(socket.Number, (sockaddr*)bytes, (uint)raw.Size), $"connect({AddressText.Format(address)})");
            }

            return new DescriptorStore(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>The manager keeps a copy, and passes it to the next master under this name. It does not look whether it is usable (<c>FDPOLL=0</c>).</summary>
    /// <exception cref="SystemCallException">The manager does not take it.</exception>
    public void Keep(string name, Descriptor descriptor)
    {
        byte* control = stackalloc byte[CMSG_SPACE(sizeof(int))];
        msghdr message = new() { msg_control = control, msg_controllen = (uint)CMSG_SPACE(sizeof(int)) };
        cmsghdr* rights = CMSG_FIRSTHDR(&message);
        rights->cmsg_level = SOL_SOCKET;
        rights->cmsg_type = SCM_RIGHTS;
        rights->cmsg_len = (uint)Libc.CMSG_LEN(sizeof(int));
        *(int*)CMSG_DATA(rights) = descriptor.Number;
        Send($"FDSTORE=1\nFDPOLL=0\nFDNAME={name}", &message);
    }

    /// <summary>The manager closes what it keeps under this name.</summary>
    /// <exception cref="SystemCallException">The manager does not take the message.</exception>
    public void Remove(string name)
    {
        msghdr message = default;
        Send($"FDSTOREREMOVE=1\nFDNAME={name}", &message);
    }

    public void Dispose() => _socket.Dispose();

    private void Send(string text, msghdr* message)
    {
        byte[] payload = Encoding.ASCII.GetBytes(text);
        fixed (byte* bytes = payload)
        {
            iovec vector = new() { iov_base = bytes, iov_len = payload.Length };
            message->msg_iov = &vector;
            message->msg_iovlen = 1;
            while (sendmsg(_socket.Number, message, MSG_NOSIGNAL) < 0)
            {
                if (Errno.Last != EINTR)
                {
                    throw new SystemCallException($"sendmsg({text.Split('\n')[0]})", Errno.Last);
                }
            }
        }
    }
}
