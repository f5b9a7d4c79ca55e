using CsCheck;
using WorkerPool.Sockets;
using Xunit;

namespace WorkerPool.Tests.Sockets;

/// <summary>The layouts are those of linux/netlink.h and linux/inet_diag.h; the machine is little-endian.</summary>
public sealed class DiagnosticMessageTests
{
    private static readonly Handshake Example = new(
        Server: new UInt128(0x7F000001_00000000, 0), ServerPort: 8080, Client: new UInt128(0x0A000002_00000000, 0), ClientPort: 50000);

    [Fact]
    public void The_question_asks_for_half_open_connections_of_the_port()
    {
        byte[] expected = new byte[72];
        Convert.FromHexString("48000000" + "1400" + "0103" + "00000000" + "00000000" // length, by family, request and dump
            + "02" + "06" + "0000" + "08000000" + "1F90").CopyTo(expected, 0); // AF_INET, TCP, the bit of SYN_RECV, the port
        byte[] question = new byte[DiagnosticMessage.QuestionLength];

        DiagnosticMessage.WriteQuestion(question, family: 2, port: 8080);

        Assert.Equal(expected, question);
    }

    [Fact]
    public void Every_half_open_connection_of_an_answer_is_found()
    {
        Handshake six = Example with { Server = UInt128.One, ClientPort = 1 };

        Assert.Equal([Example, six], Read([.. Answer(Example), .. Answer(six)], out bool ended));

        Assert.False(ended);
    }

    [Fact]
    public void Sockets_in_other_states_and_messages_of_other_types_do_not_count()
    {
        byte[] established = Answer(Example);
        established[17] = 1;
        byte[] other = Answer(Example);
        other[4] = 99;

        Assert.Empty(Read([.. established, .. other], out _));
    }

    [Fact]
    public void The_end_and_a_refusal_are_understood()
    {
        Assert.Equal([Example], Read([.. Answer(Example), .. Message(3, 0)], out bool ended));
        Assert.True(ended);

        Assert.Equal(2, DiagnosticMessage.Read(Message(2, -2), _ => { }, out ended)); // ENOENT
        Assert.True(ended);
        Assert.Equal(1, DiagnosticMessage.Read(Message(3, -1), _ => { }, out ended)); // at the end of the list
        Assert.True(ended);
    }

    [Fact]
    public void Whatever_comes_is_read_or_refused()
    {
        byte[] valid = [.. Answer(Example), .. Answer(Example), .. Message(3, 0)];
        Gen<byte[]> damaged = Gen.Select(Gen.Int[0, valid.Length], Gen.Int[0, valid.Length - 1], Gen.Byte, (length, at, value) =>
        {
            byte[] copy = [.. valid];
            copy[at] = value;
            return copy[..length];
        });
        Gen.OneOf(damaged, Gen.Byte.Array[0, 200]).Sample(
            bytes =>
            {
                try
                {
                    _ = DiagnosticMessage.Read(bytes, _ => { }, out _);
                }
                catch (InvalidDataException)
                {
                    // the only exception that is allowed
                }
            },
            iter: 20_000);
    }

    private static List<Handshake> Read(byte[] answer, out bool ended)
    {
        List<Handshake> found = [];
        Assert.Equal(0, DiagnosticMessage.Read(answer, found.Add, out ended));
        return found;
    }

    private static byte[] Answer(Handshake handshake)
    {
        byte[] message = new byte[16 + 72 + 8]; // with an attribute behind it
        message[0] = (byte)message.Length;
        message[4] = 20;
        message[16] = 2;
        message[17] = 3; // TCP_SYN_RECV
        System.Buffers.Binary.BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(20), handshake.ServerPort);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(22), handshake.ClientPort);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt128BigEndian(message.AsSpan(24), handshake.Server);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt128BigEndian(message.AsSpan(40), handshake.Client);
        return message;
    }

    private static byte[] Message(byte type, int error) => [20, 0, 0, 0, type, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, .. BitConverter.GetBytes(error)];
}
