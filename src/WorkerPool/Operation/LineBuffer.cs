namespace WorkerPool.Operation;

/// <summary>Cuts a stream of bytes into lines, and never holds more than the longest line that is allowed. Pure.</summary>
internal sealed class LineBuffer(int maxLine)
{
    private const int Least = 1024;

    private byte[] _bytes = new byte[Math.Min(Least, maxLine)];
    private int _start;
    private int _end;
    private int _searched;

    /// <summary>Whether bytes are left that make no line yet.</summary>
    public bool IsWithinLine => _end > _start;

    /// <summary>Where the next bytes go; never empty. Call <see cref="TryTake"/> until it gives none before.</summary>
    /// <exception cref="RequestException">The line is too long.</exception>
    public Memory<byte> Space()
    {
        if (_start > 0)
        {
            Buffer.BlockCopy(_bytes, _start, _bytes, 0, _end - _start);
            (_end, _searched, _start) = (_end - _start, _searched - _start, 0);
        }

        if (_end == _bytes.Length)
        {
            if (_end >= maxLine)
            {
                throw new RequestException($"The line is longer than {maxLine} bytes.");
            }

            Array.Resize(ref _bytes, Math.Min(2 * _bytes.Length, maxLine));
        }

        return _bytes.AsMemory(_end);
    }

    /// <summary>So many bytes have come into the <see cref="Space"/>.</summary>
    public void Add(int count) => _end += count;

    /// <summary>The next line, without its end, valid until the next call; blank ones are skipped.</summary>
    public bool TryTake(out ReadOnlyMemory<byte> line)
    {
        while (_bytes.AsSpan(_searched, _end - _searched).IndexOf((byte)'\n') is int length and >= 0)
        {
            int end = _searched + length;
            line = _bytes.AsMemory(_start, end - _start);
            _start = _searched = end + 1;
            if (!IsBlank(line.Span))
            {
                return true;
            }
        }

        _searched = _end;
        line = default;
        return false;
    }

    private static bool IsBlank(ReadOnlySpan<byte> line) => line.IndexOfAnyExcept(" \t\r"u8) < 0;
}
