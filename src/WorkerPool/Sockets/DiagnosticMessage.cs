using System.Buffers.Binary;
using System.Runtime.InteropServices;
using static Tmds.Linux.LibC;

namespace WorkerPool.Sockets;

/// <summary>
/// The question for half-open connections and its answers, as bytes: see netlink(7), sock_diag(7), linux/inet_diag.h.
/// Numbers are in the machine's order, ports and addresses in that of the network.
/// </summary>
internal static class DiagnosticMessage
{
    /// <summary>The length of a question.</summary>
    public const int QuestionLength = HeaderLength + 56; // struct inet_diag_req_v2

    private const int HeaderLength = 16; // struct nlmsghdr
    private const int AnswerLength = HeaderLength + 72; // struct inet_diag_msg
    private const ushort Error = 2; // NLMSG_ERROR
    private const ushort Done = 3; // NLMSG_DONE
    private const ushort DiagnosticsByFamily = 20; // SOCK_DIAG_BY_FAMILY
    private const ushort RequestAll = 0x301; // NLM_F_REQUEST | NLM_F_DUMP
    private const byte SynReceived = 3; // TCP_SYN_RECV

    /// <summary>Asks for the half-open connections of one port; of all, for 0.</summary>
    public static void WriteQuestion(Span<byte> message, int family, int port)
    {
        message = message[..QuestionLength];
        message.Clear();
        Write(message, QuestionLength);
        Write(message[4..], DiagnosticsByFamily);
        Write(message[6..], RequestAll);

        Span<byte> request = message[HeaderLength..];
        request[0] = (byte)family;
        request[1] = (byte)(int)IPPROTO_TCP;
        Write(request[4..], 1u << SynReceived);
        BinaryPrimitives.WriteUInt16BigEndian(request[8..], (ushort)port);
    }

    /// <summary>Reads what one receive call brought.</summary>
    /// <param name="answer">One message or several.</param>
    /// <param name="found">Is called for each half-open connection.</param>
    /// <param name="ended">Whether it was the end of the answer.</param>
    /// <returns>0, or the errno with which the kernel refused.</returns>
    /// <exception cref="InvalidDataException">It is no answer to the question.</exception>
    public static int Read(ReadOnlySpan<byte> answer, Action<Handshake> found, out bool ended)
    {
        while (!answer.IsEmpty)
        {
            int length = answer.Length >= HeaderLength ? MemoryMarshal.Read<int>(answer) : 0;
            Require(length >= HeaderLength && length <= answer.Length);
            ReadOnlySpan<byte> message = answer[..length];
            switch (MemoryMarshal.Read<ushort>(message[4..]))
            {
                case Error:
                    Require(length >= HeaderLength + sizeof(int));
                    ended = true;
                    return -MemoryMarshal.Read<int>(message[HeaderLength..]);
                case Done:
                    ended = true; // with an errno, or with nothing
                    return length >= HeaderLength + sizeof(int) ? -MemoryMarshal.Read<int>(message[HeaderLength..]) : 0;
                case DiagnosticsByFamily:
                    Require(length >= AnswerLength);
                    Report(message[HeaderLength..], found);
                    break;
            }

            int aligned = (length + 3) & ~3; // NLMSG_ALIGN
            answer = answer[Math.Min(aligned, answer.Length)..];
        }

        ended = false;
        return 0;
    }

    private static void Report(ReadOnlySpan<byte> socket, Action<Handshake> found)
    {
        if (socket[1] == SynReceived)
        {
            found(new Handshake(
                BinaryPrimitives.ReadUInt128BigEndian(socket[8..]),
                BinaryPrimitives.ReadUInt16BigEndian(socket[4..]),
                BinaryPrimitives.ReadUInt128BigEndian(socket[24..]),
                BinaryPrimitives.ReadUInt16BigEndian(socket[6..])));
        }
    }

    private static void Write<T>(Span<byte> destination, T value)
        where T : unmanaged => MemoryMarshal.Write(destination, in value);

    private static void Require(bool condition)
    {
        if (!condition)
        {
            throw new InvalidDataException("The kernel's answer about half-open connections has another format than sock_diag(7) says.");
        }
    }
}
