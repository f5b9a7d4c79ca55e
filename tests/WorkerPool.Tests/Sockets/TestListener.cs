using System.Net;
using System.Net.Sockets;
using Tmds.Linux;
using WorkerPool.Interop;
using WorkerPool.Sockets;
using static Tmds.Linux.LibC;

namespace WorkerPool.Tests.Sockets;

/// <summary>A listening socket as the master holds it, and copies of it as workers inherit them.</summary>
internal sealed unsafe class TestListener : IDisposable
{
    public TestListener(EndPoint address, bool nonBlocking = true, int backlog = 128)
    {
        SocketAddress name = address.Serialize();
        int flags = SOCK_CLOEXEC | (nonBlocking ? SOCK_NONBLOCK : 0);
        int family = address.AddressFamily switch
        {
            AddressFamily.InterNetwork => AF_INET,
            AddressFamily.InterNetworkV6 => AF_INET6,
            _ => AF_UNIX,
        };
        Master = new Descriptor(SystemCall.Check(socket(family, SOCK_STREAM | flags, 0), "socket"));
        fixed (byte* bytes = name.Buffer.Span)
        {
            SystemCall.Check(bind(Master.Number, (sockaddr*)bytes, (socklen_t)name.Size), "bind");
        }

        SystemCall.Check(listen(Master.Number, backlog), "listen");
        EndPoint = SocketName.Of(Master.Number);
    }

    public TestListener()
        : this(new IPEndPoint(IPAddress.Loopback, 0))
    {
    }

    public Descriptor Master { get; }

    public EndPoint EndPoint { get; }

    public int Waiting => AcceptQueue.TryRead(Master, out int length, out _) ? length : throw new InvalidOperationException("Not TCP.");

    public InheritedListener Inherit() => new(SystemCall.Check(dup(Master.Number), "dup"));

    /// <summary>A connected client; it is in the queue when this returns (TCP: loopback completes at once).</summary>
    public Socket Connect()
    {
        Socket client = new(EndPoint.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
        client.Connect(EndPoint);
        return client;
    }

    /// <summary>A connection that the master accepted itself, with its client.</summary>
    public (Socket Client, Descriptor Accepted) ConnectToMaster()
    {
        Socket client = Connect();
        int accepted = SystemCall.Check(accept4(Master.Number, null, null, SOCK_CLOEXEC | SOCK_NONBLOCK), "accept4");
        return (client, new Descriptor(accepted));
    }

    public void Dispose() => Master.Dispose();
}
