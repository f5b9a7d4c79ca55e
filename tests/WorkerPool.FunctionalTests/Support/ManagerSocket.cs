using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Tmds.Linux;
using WorkerPool.Interop;
using WorkerPool.Sockets;
using static Tmds.Linux.LibC;

namespace WorkerPool.FunctionalTests.Support;

/// <summary>A socket as systemd opens it for a unit: blocking, with the options of the unit and no others.</summary>
internal sealed class ManagerSocket : Descriptor
{
    private ManagerSocket(int number)
        : base(number)
    {
    }

    public EndPoint Address => SocketName.Of(Number);

    public unsafe ulong Inode
    {
        get
        {
            stat status;
            SystemCall.Check(fstat(Number, &status), "fstat");
            return status.st_ino;
        }
    }

    /// <summary>How many connections wait in its queue.</summary>
    public int CountWaiting => AcceptQueue.TryRead(this, out int length, out _) ? length : throw new InvalidOperationException("It does not listen.");

    public static ManagerSocket Tcp(bool reusePort, EndPoint? address = null, Action<ManagerSocket>? options = null)
    {
        ManagerSocket socket = Open(address ?? new IPEndPoint(IPAddress.Loopback, 0), SOCK_STREAM, socket =>
        {
            SocketOption.Enable(socket, SOL_SOCKET, SO_REUSEADDR, nameof(SO_REUSEADDR));
            SocketOption.Set(socket, SOL_SOCKET, SO_REUSEPORT, reusePort ? 1 : 0, nameof(SO_REUSEPORT));
            options?.Invoke(socket);
        });
        socket.Listen();
        return socket;
    }

    public static ManagerSocket Unix(string path)
    {
        ManagerSocket socket = Open(new UnixDomainSocketEndPoint(path), SOCK_STREAM);
        socket.Listen();
        return socket;
    }

    public static ManagerSocket Datagram() => Open(new IPEndPoint(IPAddress.Loopback, 0), SOCK_DGRAM);

    public static ManagerSocket NotListening() => Open(new IPEndPoint(IPAddress.Loopback, 0), SOCK_STREAM);

    /// <summary>Another descriptor of the same socket.</summary>
    public ManagerSocket Duplicate() => new(SystemCall.Check(fcntl(Number, F_DUPFD_CLOEXEC, 0), "fcntl"));

    private void Listen() => SystemCall.Check(listen(Number, 4096), "listen");

    private static unsafe ManagerSocket Open(EndPoint address, int type, Action<ManagerSocket>? options = null)
    {
        SocketAddress raw = address.Serialize();
        ManagerSocket opened = new(SystemCall.Check(
            LibC.socket(MemoryMarshal.Read<ushort>(raw.Buffer.Span), type | SOCK_CLOEXEC, 0), "socket"));
        options?.Invoke(opened);
        fixed (byte* bytes = raw.Buffer.Span)
        {
            SystemCall.Check(bind(opened.Number, (sockaddr*)bytes, (uint)raw.Size), $"bind({address})");
        }

        return opened;
    }
}
