using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using WorkerPool.Interop;
using static Tmds.Linux.LibC;

namespace WorkerPool.Sockets;

/// <summary>
/// Asks the kernel for half-open connections and for the queues of Unix sockets, see sock_diag(7); it needs no privilege, and it sees the network namespace
/// of the thread that opened it. Not thread-safe.
/// </summary>
internal sealed unsafe class SocketDiagnostics : Descriptor
{
    private const int NETLINK_SOCK_DIAG = 4; // linux/netlink.h
    private const int BufferLength = 32 * 1024; // the kernel sends no more at once
    private const int MostFound = 65_536; // beyond that it is a flood, which nobody waits for

    private readonly byte[] _buffer = new byte[BufferLength];

    private SocketDiagnostics(int number)
        : base(number)
    {
    }

    /// <exception cref="SystemCallException">A sandbox or the kernel has no such socket, or there is no descriptor left.</exception>
    public static SocketDiagnostics Open() => new(SystemCall.Check(
        socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_SOCK_DIAG), "socket(NETLINK_SOCK_DIAG)"));

    /// <summary>The half-open connections of these listeners' ports.</summary>
    /// <param name="listeners">Addresses; whether a socket listens there at this moment does not matter.</param>
    /// <param name="among">Only these; null: all.</param>
    /// <exception cref="SystemCallException">The kernel refuses.</exception>
    /// <exception cref="InvalidDataException">The kernel answers something else.</exception>
    public HashSet<Handshake> ReadHandshakes(IReadOnlyList<(IPEndPoint Address, bool DualStack)> listeners, IReadOnlySet<Handshake>? among)
    {
        HashSet<Handshake> found = [];
        Collect(AF_INET, listeners.Where(one => one.DualStack || one.Address.AddressFamily == AddressFamily.InterNetwork));
        Collect(AF_INET6, listeners.Where(one => one.Address.AddressFamily == AddressFamily.InterNetworkV6));
        return found;

        void Collect(int family, IEnumerable<(IPEndPoint Address, bool)> listenersOfFamily)
        {
            (UInt128 Server, int Port)[] own = [.. listenersOfFamily.Select(one => (WireFormat(one.Address.Address), one.Address.Port))];
            if (own.Length > 0)
            {
                // One question, for the kernel walks through all its connections each time; it filters by one port or none.
                Ask(family, own.All(one => one.Port == own[0].Port) ? own[0].Port : 0, handshake =>
                {
                    if (own.Any(one => one.Port == handshake.ServerPort && (one.Server == 0 || one.Server == handshake.Server))
                        && (among?.Contains(handshake) ?? found.Count < MostFound))
                    {
                        found.Add(handshake);
                    }
                });
            }
        }
    }

    /// <summary>The accept queue of one Unix socket, which its number in sockfs names; null if the kernel does not tell.</summary>
    /// <exception cref="SystemCallException">The kernel takes no questions.</exception>
    public (int Length, int Limit)? ReadUnixQueue(ulong inode)
    {
        byte* question = stackalloc byte[UnixDiagnosticMessage.QuestionLength];
        UnixDiagnosticMessage.WriteQuestion(new Span<byte>(question, UnixDiagnosticMessage.QuestionLength), (uint)inode);
        Repeat(&Send, question, UnixDiagnosticMessage.QuestionLength, "send");
        fixed (byte* answer = _buffer)
        {
            return UnixDiagnosticMessage.Read(_buffer.AsSpan(0, Repeat(&Receive, answer, BufferLength, "recv")));
        }
    }

    // As in struct inet_diag_sockid: an IPv4 address is the first four of sixteen bytes. Any address is 0.
    private static UInt128 WireFormat(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        address.TryWriteBytes(bytes, out _);
        return BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }

    private void Ask(int family, int port, Action<Handshake> found)
    {
        byte* question = stackalloc byte[DiagnosticMessage.QuestionLength];
        DiagnosticMessage.WriteQuestion(new Span<byte>(question, DiagnosticMessage.QuestionLength), family, port);
        Repeat(&Send, question, DiagnosticMessage.QuestionLength, "send");

        fixed (byte* answer = _buffer)
        {
            bool ended = false;
            while (!ended)
            {
                // The kernel answers within the calls, so there is nothing to wait for: EAGAIN would be an error as well.
                int length = Repeat(&Receive, answer, BufferLength, "recv");
                int error = DiagnosticMessage.Read(_buffer.AsSpan(0, length), found, out ended);
                if (error != 0)
                {
                    throw new SystemCallException("sock_diag(TCP_SYN_RECV)", error);
                }
            }
        }
    }

    private int Repeat(delegate*<int, byte*, int, int> call, byte* bytes, int length, string name)
    {
        int result;
        do
        {
            result = call(Number, bytes, length);
        }
        while (result < 0 && Errno.Last == EINTR);
        return SystemCall.Check(result, $"{name}(NETLINK_SOCK_DIAG)");
    }

    private static int Send(int number, byte* bytes, int length) => (int)send(number, bytes, length, MSG_NOSIGNAL);

    private static int Receive(int number, byte* bytes, int length) => (int)recv(number, bytes, length, 0);
}
