using System.Runtime.InteropServices;
using static Tmds.Linux.LibC;

namespace WorkerPool.Sockets;

/// <summary>
/// The question for the accept queue of one Unix socket and its answer, as bytes: see sock_diag(7), linux/unix_diag.h.
/// Numbers are in the machine's order.
/// </summary>
internal static class UnixDiagnosticMessage
{
    /// <summary>The length of a question.</summary>
    public const int QuestionLength = HeaderLength + 24; // struct unix_diag_req

    private const int HeaderLength = 16; // struct nlmsghdr
    private const int AnswerLength = HeaderLength + 16; // struct unix_diag_msg; attributes follow
    private const int AttributeLength = 4; // struct nlattr
    private const ushort DiagnosticsByFamily = 20; // SOCK_DIAG_BY_FAMILY
    private const ushort Request = 1; // NLM_F_REQUEST
    private const uint ShowQueue = 0x10; // UDIAG_SHOW_RQLEN
    private const ushort Queue = 4; // UNIX_DIAG_RQLEN
    private const ulong NoCookie = ulong.MaxValue; // INET_DIAG_NOCOOKIE, twice

    /// <summary>Asks for the socket of this number in sockfs.</summary>
    public static void WriteQuestion(Span<byte> message, uint inode)
    {
        message = message[..QuestionLength];
        message.Clear();
        Write(message, QuestionLength);
        Write(message[4..], DiagnosticsByFamily);
        Write(message[6..], Request);

        Span<byte> request = message[HeaderLength..];
        request[0] = (byte)AF_UNIX;
        Write(request[4..], uint.MaxValue); // in any state
        Write(request[8..], inode);
        Write(request[12..], ShowQueue);
        Write(request[16..], NoCookie);
    }

    /// <summary>Reads the answer: of a socket that listens, how many connections wait and how many may.</summary>
    /// <returns>Null: there is no such socket, the kernel does not tell, or it is no such answer.</returns>
    public static (int Length, int Limit)? Read(ReadOnlySpan<byte> answer)
    {
        int length = answer.Length >= HeaderLength ? MemoryMarshal.Read<int>(answer) : 0;
        if (length < AnswerLength || length > answer.Length || MemoryMarshal.Read<ushort>(answer[4..]) != DiagnosticsByFamily) // NLMSG_ERROR, mostly
        {
            return null;
        }

        ReadOnlySpan<byte> attributes = answer[AnswerLength..length];
        while (attributes.Length >= AttributeLength)
        {
            int size = MemoryMarshal.Read<ushort>(attributes);
            if (size < AttributeLength || size > attributes.Length)
            {
                return null;
            }

            if (MemoryMarshal.Read<ushort>(attributes[2..]) == Queue && size >= AttributeLength + 8)
            {
                return (MemoryMarshal.Read<int>(attributes[4..]), MemoryMarshal.Read<int>(attributes[8..]));
            }

            attributes = attributes[Math.Min((size + 3) & ~3, attributes.Length)..]; // NLA_ALIGN
        }

        return null;
    }

    private static void Write<T>(Span<byte> destination, T value)
        where T : unmanaged => MemoryMarshal.Write(destination, in value);
}
