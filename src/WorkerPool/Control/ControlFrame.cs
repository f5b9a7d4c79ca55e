using System.Buffers;
using System.Buffers.Binary;

namespace WorkerPool.Control;

/// <summary>
/// A frame: the length of the payload in four bytes, little-endian, 1 to <see cref="MaxPayload"/>; then the payload.
/// </summary>
internal static class ControlFrame
{
    public const int HeaderSize = sizeof(uint);
    public const int MaxPayload = 65_536;

    /// <summary>Cuts the first frame off; false: it is not complete yet, and nothing was cut.</summary>
    /// <exception cref="ProtocolViolationException">The length is out of range.</exception>
    public static bool TryRead(ref ReadOnlySequence<byte> buffer, out ReadOnlySequence<byte> payload)
    {
        payload = default;
        if (buffer.Length < HeaderSize)
        {
            return false;
        }

        long length = ReadLength(buffer);
        if (length is 0 or > MaxPayload)
        {
            throw new ProtocolViolationException(
                $"A frame says that its length is {length} (0x{length:X8}); allowed are 1 to {MaxPayload} bytes.");
        }

        if (buffer.Length < HeaderSize + length)
        {
            return false;
        }

        payload = buffer.Slice(HeaderSize, length);
        buffer = buffer.Slice(payload.End);
        return true;
    }

    public static void WriteHeader(IBufferWriter<byte> writer, int payloadLength)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(writer.GetSpan(HeaderSize), (uint)payloadLength);
        writer.Advance(HeaderSize);
    }

    private static uint ReadLength(in ReadOnlySequence<byte> buffer)
    {
        Span<byte> header = stackalloc byte[HeaderSize];
        buffer.Slice(0, HeaderSize).CopyTo(header);
        return BinaryPrimitives.ReadUInt32LittleEndian(header);
    }
}
