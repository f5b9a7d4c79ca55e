using System.Text;
using CsCheck;
using WorkerPool.Operation;
using Xunit;

namespace WorkerPool.Tests.Operation;

public sealed class LineBufferTests
{
    [Fact]
    public void Lines_come_out_as_they_went_in_however_they_are_cut() =>
        Gen.Select(Gen.String[Gen.Char.AlphaNumeric, 1, 3000].Array[0, 20], Gen.Int[1, 700]).Sample((lines, piece) =>
        {
            byte[] bytes = Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + "\n")));
            LineBuffer buffer = new(4000);
            List<string> taken = [];
            for (int sent = 0; sent < bytes.Length;)
            {
                Memory<byte> space = buffer.Space();
                int count = Math.Min(Math.Min(piece, space.Length), bytes.Length - sent);
                bytes.AsMemory(sent, count).CopyTo(space);
                buffer.Add(count);
                sent += count;
                taken.AddRange(TakeAll(buffer));
            }

            return taken.SequenceEqual(lines) && !buffer.IsWithinLine;
        });

    [Fact]
    public void A_line_that_is_too_long_is_refused_and_no_more_than_its_limit_is_held()
    {
        LineBuffer buffer = new(5000);
        int held = 0;
        RequestException refusal = Assert.Throws<RequestException>((Action)(() =>
        {
            while (true)
            {
                Memory<byte> space = buffer.Space();
                space.Span.Fill((byte)'x');
                buffer.Add(space.Length);
                held += space.Length;
                Assert.False(buffer.TryTake(out _));
            }
        }));
        Assert.Equal(5000, held);
        Assert.Contains("5000", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_longest_line_is_taken()
    {
        string longest = new('x', 4999);
        LineBuffer buffer = new(5000);
        Assert.Equal([longest], Feed(buffer, longest + "\n"));
    }

    [Fact]
    public void Blank_lines_are_skipped_and_half_a_line_is_known_as_such()
    {
        LineBuffer buffer = new(100);
        Assert.Equal(["a", "b"], Feed(buffer, "\n \r\na\n\t\nb\nc"));
        Assert.True(buffer.IsWithinLine);
    }

    private static List<string> Feed(LineBuffer buffer, string text)
    {
        List<string> taken = [];
        foreach (byte one in Encoding.UTF8.GetBytes(text))
        {
            buffer.Space().Span[0] = one;
            buffer.Add(1);
            taken.AddRange(TakeAll(buffer));
        }

        return taken;
    }

    private static IEnumerable<string> TakeAll(LineBuffer buffer)
    {
        while (buffer.TryTake(out ReadOnlyMemory<byte> line))
        {
            yield return Encoding.UTF8.GetString(line.Span);
        }
    }
}
