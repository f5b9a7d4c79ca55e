using System.Buffers.Binary;
using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using WorkerPool.Control;
using Xunit;

namespace WorkerPool.Tests.Control;

/// <summary>Bytes of frames, good and bad, and what comes out of them.</summary>
internal static class Frames
{
    public static byte[] Of(params ControlMessage[] messages)
    {
        ArrayBufferWriter<byte> writer = new();
        foreach (ControlMessage message in messages)
        {
            ControlMessageWriter.Write(writer, message);
        }

        return writer.WrittenSpan.ToArray();
    }

    public static byte[] OfJson(string json) => OfPayload(Encoding.UTF8.GetBytes(json));

    public static byte[] OfPayload(byte[] payload) => [.. Header(payload.Length), .. payload];

    public static byte[] Header(int length)
    {
        byte[] header = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(header, length);
        return header;
    }

    /// <summary>The messages in an input that arrives in these pieces, one with each read.</summary>
    public static async Task<List<ControlMessage>> ReadAsync(params byte[][] pieces)
    {
        List<ControlMessage> messages = [];
        await foreach (ControlMessage message in ControlMessageReader.ReadAllAsync(PipeReader.Create(new Pieces(pieces))))
        {
            messages.Add(message);
        }

        return messages;
    }

    public static async Task<string> ViolationOfAsync(params byte[][] pieces) =>
        (await Assert.ThrowsAsync<ProtocolViolationException>(() => ReadAsync(pieces))).Message;

    /// <summary>A text by which messages compare, arrays in them too.</summary>
    public static string Describe(IEnumerable<ControlMessage> messages) =>
        string.Join('\n', messages.Select(message => Encoding.UTF8.GetString(Of(message).AsSpan(4))));

    private sealed class Pieces(byte[][] pieces) : MemoryStream
    {
        private int _next;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_next == pieces.Length)
            {
                return ValueTask.FromResult(0);
            }

            byte[] piece = pieces[_next];
            int count = Math.Min(buffer.Length, piece.Length);
            piece.AsMemory(0, count).CopyTo(buffer);
            pieces[_next] = piece[count..];
            _next += pieces[_next].Length == 0 ? 1 : 0;
            return ValueTask.FromResult(count);
        }
    }
}
