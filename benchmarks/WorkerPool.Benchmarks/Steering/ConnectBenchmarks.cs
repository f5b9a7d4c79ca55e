using System.Net;
using System.Net.Sockets;
using BenchmarkDotNet.Attributes;
using Tmds.Linux;
using WorkerPool.Interop;
using WorkerPool.Sockets;
using static Tmds.Linux.LibC;

namespace WorkerPool.Benchmarks.Steering;

/// <summary>
/// A connection over loopback from the SYN until both ends are closed, with a group of 1,024 sockets: the program runs
/// once in it, so that the difference between the tables is what it costs a connection.
/// </summary>
[Config(typeof(ShortConfig))]
public unsafe class ConnectBenchmarks : IDisposable
{
    private const int Slots = 1024;

    private readonly List<Descriptor> _descriptors = [];
    private EndpointSockets? _sockets;
    private int _epoll;
    private byte[] _address = [];

    public enum Program
    {
        /// <summary>The kernel's hash.</summary>
        None,

        /// <summary>Two runs: one branch.</summary>
        OneOut,

        /// <summary>A tree of 1,024 leaves: ten branches.</summary>
        AllDifferent,
    }

    [Params(Program.None, Program.OneOut, Program.AllDifferent)]
    public Program Table { get; set; }

    [GlobalSetup]
    public void Open()
    {
        _sockets = EndpointSockets.Open(ListenEndpoint.Parse("http", "127.0.0.1:0"), Slots);
        double[] weights = Table == Program.None ? [.. Enumerable.Repeat(1.0, Slots)]
            : SteeringTable.Of(Table == Program.OneOut ? SteeringTable.Kind.OneOut : SteeringTable.Kind.AllDifferent, Slots);
        if (!_sockets.Steer(weights))
        {
            throw new InvalidOperationException(_sockets.SteeringRefusal);
        }

        SocketAddress address = ((IPEndPoint)_sockets.BoundEndPoint).Serialize();
        _address = address.Buffer[..address.Size].ToArray();
        _epoll = SystemCall.Check(epoll_create1(EPOLL_CLOEXEC), "epoll_create1");
        _descriptors.Add(new Descriptor(_epoll));
        for (int slot = 0; slot < Slots; slot++)
        {
            epoll_event interest = new() { events = EPOLLIN };
            interest.data.fd = _sockets.Get(slot).Number;
            SystemCall.Check(epoll_ctl(_epoll, EPOLL_CTL_ADD, _sockets.Get(slot).Number, &interest), "epoll_ctl");
        }
    }

    [Benchmark]
    public void ConnectAcceptClose()
    {
        int client = SystemCall.Check(socket(AF_INET, SOCK_STREAM, 0), "socket");
        linger reset = new() { l_onoff = 1 }; // so that no TIME_WAIT piles up
        SystemCall.Check(setsockopt(client, SOL_SOCKET, SO_LINGER, &reset, sizeof(linger)), "setsockopt");
        fixed (byte* address = _address)
        {
            SystemCall.Check(connect(client, (sockaddr*)address, (uint)_address.Length), "connect");
        }

        epoll_event ready;
        SystemCall.Check(epoll_wait(_epoll, &ready, 1, 1000) - 1, "epoll_wait");
        int server = SystemCall.Check(accept4(ready.data.fd, null, null, 0), "accept4");
        _ = close(client);
        _ = close(server);
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _descriptors.ForEach(descriptor => descriptor.Dispose());
        _descriptors.Clear();
        _sockets?.Dispose();
        GC.SuppressFinalize(this);
    }
}
