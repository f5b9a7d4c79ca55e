using System.Runtime.InteropServices;
using WorkerPool.Sockets;
using Xunit;

namespace WorkerPool.Tests.Sockets;

public class UnixDiagnosticMessageTests
{
    [Fact]
    public void A_question_names_the_socket_and_what_is_wanted()
    {
        byte[] question = new byte[UnixDiagnosticMessage.QuestionLength];
        UnixDiagnosticMessage.WriteQuestion(question, 0x01020304);
        Assert.Equal(40, MemoryMarshal.Read<int>(question));
        Assert.Equal((20, 1), (MemoryMarshal.Read<ushort>(question.AsSpan(4)), MemoryMarshal.Read<ushort>(question.AsSpan(6))));
        Assert.Equal((1, 0x01020304u, 0x10u), (question[16], MemoryMarshal.Read<uint>(question.AsSpan(24)), MemoryMarshal.Read<uint>(question.AsSpan(28))));
        Assert.Equal(ulong.MaxValue, MemoryMarshal.Read<ulong>(question.AsSpan(32)));
    }

    [Fact]
    public void The_queue_is_found_among_other_attributes() =>
        Assert.Equal((3, 128), UnixDiagnosticMessage.Read(Answer(20, Attribute(0, 1, 2, 3, 4, 5), Attribute(4, 3, 0, 0, 0, 128, 0, 0, 0))));

    [Fact]
    public void An_answer_without_it_tells_nothing() => Assert.Null(UnixDiagnosticMessage.Read(Answer(20, Attribute(6, 0))));

    [Fact]
    public void A_refusal_tells_nothing() => Assert.Null(UnixDiagnosticMessage.Read(Answer(2)));

    [Fact]
    public void What_is_cut_anywhere_tells_nothing_and_is_no_exception()
    {
        byte[] answer = Answer(20, Attribute(4, 3, 0, 0, 0, 128, 0, 0, 0));
        for (int length = 0; length < answer.Length; length++)
        {
            Assert.Null(UnixDiagnosticMessage.Read(answer.AsSpan(0, length)));
            byte[] shorter = answer[..length];
            if (length >= sizeof(int))
            {
                MemoryMarshal.Write(shorter, length);
            }

            Assert.Null(UnixDiagnosticMessage.Read(shorter));
        }
    }

    private static byte[] Answer(ushort type, params byte[][] attributes)
    {
        byte[] answer = [.. new byte[32], .. attributes.SelectMany(attribute => attribute)];
        MemoryMarshal.Write(answer, answer.Length);
        MemoryMarshal.Write(answer.AsSpan(4), type);
        return answer;
    }

    private static byte[] Attribute(ushort type, params byte[] payload)
    {
        byte[] attribute = new byte[(4 + payload.Length + 3) & ~3];
        MemoryMarshal.Write(attribute, (ushort)(4 + payload.Length));
        MemoryMarshal.Write(attribute.AsSpan(2), type);
        payload.CopyTo(attribute, 4);
        return attribute;
    }
}
