using System.Net;
using System.Runtime.InteropServices;
using Tmds.Linux;
using WorkerPool.Interop;
using static Tmds.Linux.LibC;

namespace WorkerPool.Sockets;

/// <summary>A listening socket that the master owns. Never wrapped into a <see cref="System.Net.Sockets.Socket"/>.</summary>
internal sealed unsafe class ListeningSocket : Descriptor
{
    // Two that bind the same address and listen at the same instant may both be refused, never both be served:
    // so each tries again after a random while. There is no event to wait for.
    private const int ListenAttempts = 10;
    private const int LongestPauseMilliseconds = 16;

    private ListeningSocket(int number, string endpointName, int backlog)
        : base(number)
    {
        EndpointName = endpointName;
        Backlog = backlog;
    }

    public string EndpointName { get; }

    /// <summary>The length of the accept queue that was asked for; the kernel limits it to net.core.somaxconn.</summary>
    public int Backlog { get; }

    /// <summary>What the kernel made of <see cref="Backlog"/> when the socket last began to listen; null for Unix, which does not tell.</summary>
    public int? QueueLimit { get; private set; }

    /// <summary>The address that the socket is bound to, with the port that the kernel chose.</summary>
    public EndPoint Address { get; private set; } = new IPEndPoint(IPAddress.None, 0);

    /// <summary>The number of the socket in sockfs: equal for all descriptors of it, in every process.</summary>
    public ulong Inode
    {
        get
        {
            stat status;
            SystemCall.Check(fstat(Number, &status), "fstat");
            return status.st_ino;
        }
    }

    /// <summary>Makes a stream socket that neither blocks nor survives an exec.</summary>
    public static ListeningSocket Create(EndPoint address, string endpointName, int backlog)
    {
        // The family as the kernel numbers it: AddressFamily has other numbers.
        int family = MemoryMarshal.Read<ushort>(address.Serialize().Buffer.Span);
        int number = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        return number >= 0
            ? new ListeningSocket(number, endpointName, backlog)
            : throw ListenFailure.Of("socket", address, Errno.Last);
    }

    /// <summary>A descriptor of its own of a socket that listens already; the given one stays its owner's.</summary>
    /// <exception cref="SystemCallException">No descriptor is free.</exception>
    public static ListeningSocket Adopt(Descriptor listening, string endpointName, int backlog)
    {
        int number = SystemCall.Check(
            fcntl(listening.Number, F_DUPFD_CLOEXEC, 0),
            $"fcntl({listening.Number}, F_DUPFD_CLOEXEC)",
            "Raise the limit of descriptors (LimitNOFILE= of systemd, ulimit -n).");
        ListeningSocket socket = new(number, endpointName, backlog);
        try
        {
            socket.Address = socket.ReadAddress();
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Gives a socket that listens already what the endpoint says and what a worker expects; its queue stays as it is.</summary>
    /// <exception cref="SystemCallException">The kernel refuses.</exception>
    public void Prepare(ListenEndpoint endpoint)
    {
        if (Address is IPEndPoint)
        {
            SocketOption.Set(this, IPPROTO_TCP, TCP_NODELAY, endpoint.NoDelay ? 1 : 0, nameof(TCP_NODELAY));
        }

        // Not a repair, but the same: blocking or not, SO_LINGER, the backlog.
        SocketHealthReport report = SocketHealth.Heal(this);
        if (report.Failure is not null || report.Relistened)
        {
            throw new IOException($"Endpoint {endpoint.Name}: the socket at {AddressText.Format(Address)} has ceased to listen.");
        }
    }

    public void Bind(EndPoint address)
    {
        SocketAddress raw = address.Serialize();
        fixed (byte* bytes = raw.Buffer.Span)
        {
            if (bind(Number, (sockaddr*)bytes, (uint)raw.Size) < 0)
            {
                throw ListenFailure.Of("bind", address, Errno.Last);
            }
        }

        Address = ReadAddress();
    }

    public void Listen()
    {
        for (int attempt = 1; listen(Number, Backlog) < 0; attempt++)
        {
            if (Errno.Last != EADDRINUSE || attempt == ListenAttempts)
            {
                throw ListenFailure.Of("listen", Address, Errno.Last);
            }

            _ = poll(null, 0, Random.Shared.Next(LongestPauseMilliseconds));
        }

        QueueLimit = AcceptQueue.TryRead(this, out _, out int limit) ? limit : null;
    }

    /// <summary>
    /// Before a member of a group is closed: new connections do not find it any more. What has begun or waits is untouched.
    /// </summary>
    /// <remarks>
    /// A SYN that comes while the kernel closes the socket can find it by its address when it has left its group but not
    /// yet the table of listeners: then no steering applies, and the connection is reset (measured: 4 of 90,000 beside
    /// 470,000 closes; with this 0 of a million). Bound to a network interface that does not exist, the socket matches no
    /// packet; and the group, which others of it lead to, is as before. Linux 5.7 is needed (without privilege); without,
    /// the race remains.
    /// </remarks>
    public void Hide()
    {
        int noInterface = int.MaxValue;
        _ = setsockopt(Number, SOL_SOCKET, Libc.SO_BINDTOIFINDEX, &noInterface, sizeof(int));
    }

    /// <summary>Ceases to listen, whoever else holds the socket; what its queue holds is reset, as by the last close.</summary>
    public void EndForAll() => SystemCall.Check(shutdown(Number, SHUT_RDWR), $"shutdown({AddressText.Format(Address)})");

    /// <summary>Tries, with a socket that does not listen yet, whether somebody listens there; gives the errno, or 0.</summary>
    public int TryConnect(EndPoint address)
    {
        SocketAddress raw = address.Serialize();
        fixed (byte* bytes = raw.Buffer.Span)
        {
            return connect(Number, (sockaddr*)bytes, (uint)raw.Size) == 0 ? 0 : Errno.Last;
        }
    }

    /// <summary>What the kernel says that the socket is bound to.</summary>
    public EndPoint ReadAddress() => SocketName.Of(Number);
}
