using System.Text;
using WorkerPool.Processes;
using Xunit;

namespace WorkerPool.Tests.Processes;

public sealed class LineTailTests
{
    private readonly LineTail _tail = new();

    [Fact]
    public void Nothing_gives_no_lines() => Assert.Empty(_tail.Lines);

    [Fact]
    public void Lines_come_oldest_first_without_their_ends()
    {
        Append("one\ntwo\r\nthree\n");
        Assert.Equal(["one", "two", "three"], _tail.Lines);
    }

    [Fact]
    public void A_line_that_has_not_ended_is_the_last()
    {
        Append("one\ntw");
        Assert.Equal(["one", "tw"], _tail.Lines);
        Append("o\n");
        Assert.Equal(["one", "two"], _tail.Lines);
    }

    [Fact]
    public void Only_the_last_lines_are_kept()
    {
        Append(string.Concat(Enumerable.Range(1, 100).Select(i => $"line {i}\n")));
        Assert.Equal(Enumerable.Range(81, LineTail.MaxLines).Select(i => $"line {i}"), _tail.Lines);
    }

    [Fact]
    public void An_unfinished_line_takes_the_place_of_the_oldest()
    {
        Append(string.Concat(Enumerable.Range(1, LineTail.MaxLines).Select(i => $"line {i}\n")) + "end");
        Assert.Equal(LineTail.MaxLines, _tail.Lines.Count);
        Assert.Equal("line 2", _tail.Lines[0]);
        Assert.Equal("end", _tail.Lines[^1]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    public void The_size_of_the_pieces_makes_no_difference(int size)
    {
        byte[] bytes = Encoding.UTF8.GetBytes("erste Zeile: ä€😀\r\n\r\nzweite\n" + new string('x', 5000) + "\ndritte");
        LineTail whole = new();
        whole.Append(bytes);
        foreach (byte[] piece in bytes.Chunk(size))
        {
            _tail.Append(piece);
        }

        Assert.Equal(4, whole.Lines.Count);
        Assert.Equal("erste Zeile: ä€😀", whole.Lines[0]);
        Assert.Equal(whole.Lines, _tail.Lines);
    }

    [Fact]
    public void Empty_lines_are_left_out()
    {
        Append("\n\r\n\none\n\n\ntwo\n\n");
        Assert.Equal(["one", "two"], _tail.Lines);
    }

    [Fact]
    public void A_line_of_exactly_the_limit_is_whole()
    {
        string line = new('€', LineTail.MaxLength);
        Append(line + "\n");
        Assert.Equal([line], _tail.Lines);
    }

    [Theory]
    [InlineData("x")]
    [InlineData("ä")]
    [InlineData("€")]
    [InlineData("😀")]
    [InlineData("x😀")]
    public void A_longer_line_is_cut_between_characters(string unit)
    {
        string line = string.Concat(Enumerable.Repeat(unit, LineTail.MaxLength + 1));
        Append(line + "\nnext\n");
        Assert.Equal(2, _tail.Lines.Count);
        string cut = _tail.Lines[0];
        Assert.InRange(cut.Length, LineTail.MaxLength - 1, LineTail.MaxLength);
        Assert.EndsWith("…", cut, StringComparison.Ordinal);
        Assert.StartsWith(cut[..^1], line, StringComparison.Ordinal);
        Assert.DoesNotContain('\uFFFD', cut);
        Assert.False(char.IsHighSurrogate(cut[^2]));
        Assert.Equal("next", _tail.Lines[1]);
    }

    [Fact]
    public void A_stream_without_lines_takes_no_more_memory_than_a_line()
    {
        byte[] chunk = new byte[65536];
        chunk.AsSpan().Fill((byte)'x');
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            _tail.Append(chunk);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        Assert.Single(_tail.Lines);
    }

    [Fact]
    public void What_is_not_UTF8_or_would_control_a_terminal_is_replaced()
    {
        _tail.Append([.. "a"u8, 0xFF, .. "b\0c\u001b[31md\te\n"u8]);
        Assert.Equal(["a\uFFFDb\uFFFDc\uFFFD[31md\te"], _tail.Lines);
    }

    private void Append(string text) => _tail.Append(Encoding.UTF8.GetBytes(text));
}
