using System.Net;
using System.Net.Sockets;
using System.Text;
using Tmds.Linux;
using WorkerPool.Interop;
using WorkerPool.Sockets;
using Xunit;
using static Tmds.Linux.LibC;

namespace WorkerPool.FunctionalTests.Support;

/// <summary>
/// A service manager's store of descriptors: keeps what comes with FDSTORE=1, once each, until FDSTOREREMOVE=1. Everything
/// else that it is told it forgets.
/// </summary>
internal sealed unsafe class FakeDescriptorStore : IDisposable
{
    private const int PollMilliseconds = 50;

    private readonly Lock _gate = new();
    private readonly List<(string Name, Descriptor Descriptor)> _kept = [];
    private readonly List<string> _messages = [];
    private readonly Descriptor _socket;
    private readonly Thread _reading;
    private volatile bool _ending;

    public FakeDescriptorStore()
    {
        string name = $"workerpool-store-{Guid.NewGuid():N}";
        Address = "@" + name;
        _socket = new Descriptor(SystemCall.Check(LibC.socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket"));
        System.Net.SocketAddress address = new UnixDomainSocketEndPoint('\0' + name).Serialize();
        fixed (byte* bytes = address.Buffer.Span)
        {
            SystemCall.Check(bind(_socket.Number, (sockaddr*)bytes, (uint)address.Size), "bind");
        }

        _reading = new Thread(Read) { IsBackground = true };
        _reading.Start();
    }

    /// <summary>As NOTIFY_SOCKET has it.</summary>
    public string Address { get; }

    /// <summary>What came about descriptors, in order.</summary>
    public IReadOnlyList<string> Messages
    {
        get
        {
            lock (_gate)
            {
                return [.. _messages];
            }
        }
    }

    /// <summary>The inodes of what is kept, by name.</summary>
    public IReadOnlyDictionary<string, ulong> Kept
    {
        get
        {
            lock (_gate)
            {
                return _kept.ToDictionary(one => one.Name, one => InodeOf(one.Descriptor));
            }
        }
    }

    /// <summary>What the next master gets: the sockets of units first, then what is kept, the last one first.</summary>
    public PassedByManager Pass(params (string Name, Descriptor Socket)[] ofUnits)
    {
        lock (_gate)
        {
            return new PassedByManager([.. ofUnits, .. Enumerable.Reverse(_kept)]);
        }
    }

    public Descriptor Find(string name)
    {
        lock (_gate)
        {
            return _kept.Single(one => one.Name == name).Descriptor;
        }
    }

    public void Drop(string name)
    {
        lock (_gate)
        {
            _kept.Where(one => one.Name == name).ToList().ForEach(one => one.Descriptor.Dispose());
            _kept.RemoveAll(one => one.Name == name);
        }
    }

    /// <summary>Waits until it keeps exactly these.</summary>
    public Task WhenKeptAsync(params string[] names) =>
        Machine.UntilAsync(() => Kept.Keys.Order().SequenceEqual(names.Order()), $"the store keeps {string.Join(", ", names)}");

    public void Dispose()
    {
        _ending = true;
        _reading.Join();
        _socket.Dispose();
        _kept.ForEach(one => one.Descriptor.Dispose());
        TestContext.Current.TestOutputHelper?.WriteLine(string.Join('\n', _messages));
    }

    private static ulong InodeOf(Descriptor descriptor)
    {
        stat status;
        SystemCall.Check(fstat(descriptor.Number, &status), "fstat");
        return status.st_ino;
    }

    private void Read()
    {
        byte* payload = stackalloc byte[4096];
        byte* control = stackalloc byte[CMSG_SPACE(sizeof(int))];
        while (!_ending)
        {
            pollfd wait = new() { fd = _socket.Number, events = POLLIN };
            if (poll(&wait, 1, PollMilliseconds) <= 0)
            {
                continue;
            }

            iovec vector = new() { iov_base = payload, iov_len = 4096 };
            msghdr message = new() { msg_iov = &vector, msg_iovlen = 1, msg_control = control, msg_controllen = (uint)CMSG_SPACE(sizeof(int)) };
            int length = (int)recvmsg(_socket.Number, &message, MSG_CMSG_CLOEXEC);
            cmsghdr* rights = CMSG_FIRSTHDR(&message);
            Handle(Encoding.ASCII.GetString(payload, Math.Max(0, length)), rights != null ? new Descriptor(*(int*)CMSG_DATA(rights)) : null);
        }
    }

    private void Handle(string message, Descriptor? descriptor)
    {
        string[] lines = message.Split('\n');
        string name = lines.FirstOrDefault(line => line.StartsWith("FDNAME=", StringComparison.Ordinal))?[7..] ?? "stored";
        lock (_gate)
        {
            if (lines.Contains("FDSTORE=1") && descriptor is not null)
            {
                _messages.Add(message.Replace('\n', ' '));
                if (_kept.All(one => InodeOf(one.Descriptor) != InodeOf(descriptor)))
                {
                    _kept.Add((name, descriptor));
                    return;
                }
            }
            else if (lines.Contains("FDSTOREREMOVE=1"))
            {
                _messages.Add(message.Replace('\n', ' '));
                Drop(name);
            }
        }

        descriptor?.Dispose();
    }
}
