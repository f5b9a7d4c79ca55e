using System.Buffers.Binary;

namespace ZeroDowntime.Load;

/// <summary>Bytes that depend on the connection and on the position in it: a byte lost, doubled or moved is seen.</summary>
internal static class Pattern
{
    private const int WordSize = sizeof(ulong);

    /// <summary>Writes the bytes of a connection from a position on.</summary>
    public static void Fill(Span<byte> target, ulong connection, long position)
    {
        Span<byte> word = stackalloc byte[WordSize];
        while (!target.IsEmpty)
        {
            (long index, int within) = (position / WordSize, (int)(position % WordSize));
            BinaryPrimitives.WriteUInt64LittleEndian(word, Mix((connection << 32) + (ulong)index));
            int count = Math.Min(WordSize - within, target.Length);
            word.Slice(within, count).CopyTo(target);
            target = target[count..];
            position += count;
        }
    }

    /// <summary>Whether these are the bytes of the connection at the position.</summary>
    public static bool Matches(ReadOnlySpan<byte> bytes, ulong connection, long position)
    {
        Span<byte> expected = stackalloc byte[256];
        while (!bytes.IsEmpty)
        {
            Span<byte> part = expected[..Math.Min(expected.Length, bytes.Length)];
            Fill(part, connection, position);
            if (!bytes[..part.Length].SequenceEqual(part))
            {
                return false;
            }

            bytes = bytes[part.Length..];
            position += part.Length;
        }

        return true;
    }

    // The finalizer of SplitMix64: every bit of the input changes half of the output.
    private static ulong Mix(ulong value)
    {
        value += 0x9E3779B97F4A7C15;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
