using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Tmds.Linux;
using WorkerPool.Interop;
using Xunit;
using static Tmds.Linux.LibC;

namespace WorkerPool.FunctionalTests.Sockets;

/// <summary>
/// Clients behind a network device whose wire is this class (a TUN device): each packet is sent when the test says so.
/// The server's side is the kernel's own. Only in a network namespace of the test.
/// </summary>
internal sealed unsafe class SlowClients : IDisposable
{
    public const byte Syn = 0x02;
    public const byte Rst = 0x04;
    public const byte Ack = 0x10;

    private const int DeadlineMilliseconds = 10_000;
    private const uint FirstSequence = 1000;
    private const int IpHeader = 20;
    private const int TcpHeader = 20;

    // linux/if.h, linux/if_tun.h, linux/sockios.h
    private const nuint TUNSETIFF = 0x400454ca;
    private const nuint SIOCSIFFLAGS = 0x8914;
    private const nuint SIOCSIFADDR = 0x8916;
    private const nuint SIOCSIFNETMASK = 0x891c;
    private const short IFF_TUN = 0x0001;
    private const short IFF_NO_PI = 0x1000;
    private const short IFF_UP = 0x0001;
    private const int NameLength = 16;
    private const int RequestLength = 40; // struct ifreq

    private readonly Descriptor _wire;

    private SlowClients(Descriptor wire) => _wire = wire;

    public static IPAddress ServerAddress { get; } = new([10, 77, 0, 1]);

    private static IPAddress ClientAddress { get; } = new([10, 77, 0, 2]);

    /// <summary>Null, and why, where there are no TUN devices.</summary>
    public static SlowClients? TryOpen(out string? obstacle)
    {
        int device = Open("/dev/net/tun");
        if (device < 0)
        {
            obstacle = $"/dev/net/tun cannot be opened: {Errno.Name(Errno.Last)}.";
            return null;
        }

        SlowClients clients = new(new Descriptor(device));
        Configure(device, TUNSETIFF, "TUNSETIFF", value => BinaryPrimitives.WriteInt16LittleEndian(value, IFF_TUN | IFF_NO_PI));
        using Descriptor control = new(SystemCall.Check(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), "socket"));
        Configure(control.Number, SIOCSIFADDR, "SIOCSIFADDR", value => WriteAddress(value, ServerAddress));
        Configure(control.Number, SIOCSIFNETMASK, "SIOCSIFNETMASK", value => WriteAddress(value, new IPAddress([255, 255, 255, 0])));
        Configure(control.Number, SIOCSIFFLAGS, "SIOCSIFFLAGS", value => BinaryPrimitives.WriteInt16LittleEndian(value, IFF_UP));
        obstacle = null;
        return clients;
    }

    /// <summary>Sends a SYN and waits for the answer: from then on the handshake is in flight. Gives the server's number.</summary>
    public uint Begin(ushort clientPort, int serverPort)
    {
        Send(clientPort, serverPort, Syn, FirstSequence, 0);
        return ReceiveAnswer(clientPort);
    }

    /// <summary>Sends the ACK that completes the handshake.</summary>
    public void Complete(ushort clientPort, int serverPort, uint serverSequence) =>
        Send(clientPort, serverPort, Ack, FirstSequence + 1, serverSequence + 1);

    /// <summary>Sends an RST instead.</summary>
    public void GiveUp(ushort clientPort, int serverPort) => Send(clientPort, serverPort, Rst, FirstSequence + 1, 0);

    public void Dispose() => _wire.Dispose();

    private void Send(ushort clientPort, int serverPort, byte flags, uint sequence, uint acknowledged)
    {
        Span<byte> packet = stackalloc byte[IpHeader + TcpHeader];
        packet.Clear();
        packet[0] = 0x45; // version 4, five words
        BinaryPrimitives.WriteUInt16BigEndian(packet[2..], (ushort)packet.Length);
        packet[8] = 64; // hops
        packet[9] = (byte)(int)IPPROTO_TCP;
        ClientAddress.TryWriteBytes(packet[12..], out _);
        ServerAddress.TryWriteBytes(packet[16..], out _);
        BinaryPrimitives.WriteUInt16BigEndian(packet[10..], Checksum(packet[..IpHeader], 0));

        Span<byte> tcp = packet[IpHeader..];
        BinaryPrimitives.WriteUInt16BigEndian(tcp, clientPort);
        BinaryPrimitives.WriteUInt16BigEndian(tcp[2..], (ushort)serverPort);
        BinaryPrimitives.WriteUInt32BigEndian(tcp[4..], sequence);
        BinaryPrimitives.WriteUInt32BigEndian(tcp[8..], acknowledged);
        tcp[12] = TcpHeader / 4 << 4;
        tcp[13] = flags;
        BinaryPrimitives.WriteUInt16BigEndian(tcp[14..], ushort.MaxValue); // window

        // With the pseudo header of RFC 9293, 3.1: addresses, protocol, length.
        uint pseudo = Sum(packet[12..IpHeader]) + (uint)(int)IPPROTO_TCP + TcpHeader;
        BinaryPrimitives.WriteUInt16BigEndian(tcp[16..], Checksum(tcp, pseudo));
        fixed (byte* bytes = packet)
        {
            Assert.Equal(packet.Length, (int)write(_wire.Number, bytes, packet.Length));
        }
    }

    private uint ReceiveAnswer(ushort clientPort)
    {
        Span<byte> packet = stackalloc byte[2048];
        while (true)
        {
            pollfd ready = new() { fd = _wire.Number, events = POLLIN };
            Assert.True(poll(&ready, 1, DeadlineMilliseconds) > 0, "The server did not answer.");
            int length;
            fixed (byte* bytes = packet)
            {
                length = SystemCall.Check((int)read(_wire.Number, bytes, packet.Length), "read(tun)");
            }

            // Other packets: what the kernel says on a new device, and repeated answers to other clients.
            ReadOnlySpan<byte> tcp = packet[IpHeader..];
            if (length >= IpHeader + TcpHeader && packet[0] == 0x45 && tcp[13] == (Syn | Ack)
                && BinaryPrimitives.ReadUInt16BigEndian(tcp[2..]) == clientPort)
            {
                return BinaryPrimitives.ReadUInt32BigEndian(tcp[4..]);
            }
        }
    }

    private static uint Sum(ReadOnlySpan<byte> bytes)
    {
        uint sum = 0;
        for (int i = 0; i < bytes.Length; i += 2)
        {
            sum += BinaryPrimitives.ReadUInt16BigEndian(bytes[i..]);
        }

        return sum;
    }

    private static ushort Checksum(ReadOnlySpan<byte> bytes, uint start)
    {
        uint sum = start + Sum(bytes);
        sum = (sum & 0xFFFF) + (sum >> 16);
        sum = (sum & 0xFFFF) + (sum >> 16);
        return (ushort)~sum;
    }

    private static int Open(string path)
    {
        fixed (byte* bytes = Encoding.UTF8.GetBytes(path + '\0'))
        {
            return open(bytes, O_RDWR | O_CLOEXEC);
        }
    }

    private delegate void Writer(Span<byte> value);

    private static void Configure(int descriptor, nuint request, string name, Writer write)
    {
        byte* argument = stackalloc byte[RequestLength];
        Span<byte> bytes = new(argument, RequestLength);
        bytes.Clear();
        "slow0"u8.CopyTo(bytes);
        write(bytes[NameLength..]);
        SystemCall.Check(Libc.ioctl(descriptor, request, argument), $"ioctl({name})");
    }

    private static void WriteAddress(Span<byte> destination, IPAddress address) =>
        new IPEndPoint(address, 0).Serialize().Buffer.Span.CopyTo(destination);
}
