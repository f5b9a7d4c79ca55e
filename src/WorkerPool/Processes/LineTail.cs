using System.Text;

namespace WorkerPool.Processes;

/// <summary>
/// The last lines of a stream of bytes, in bounded memory: at most <see cref="MaxLines"/>, each cut at
/// <see cref="MaxLength"/> characters. Empty lines are left out; control characters and what is not UTF-8 appear as U+FFFD.
/// </summary>
internal sealed class LineTail
{
    public const int MaxLines = 20;
    public const int MaxLength = 500;

    // A UTF-16 unit takes at most three bytes of UTF-8.
    private const int MaxBytes = 3 * MaxLength;

    // One more than fits, to know that something was cut off.
    private readonly byte[] _line = new byte[MaxBytes + 1];
    private readonly Queue<string> _complete = new(MaxLines);
    private int _length;

    /// <summary>The lines, oldest first; the last may not have ended yet.</summary>
    public IReadOnlyList<string> Lines
    {
        get
        {
            string unfinished = Decode();
            return unfinished.Length == 0
                ? [.. _complete]
                : [.. _complete.Skip(_complete.Count == MaxLines ? 1 : 0), unfinished];
        }
    }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        int end;
        while ((end = bytes.IndexOf((byte)'\n')) >= 0)
        {
            Keep(bytes[..end]);
            EndLine();
            bytes = bytes[(end + 1)..];
        }

        Keep(bytes);
    }

    private void Keep(ReadOnlySpan<byte> part)
    {
        int fitting = Math.Min(part.Length, _line.Length - _length);
        part[..fitting].CopyTo(_line.AsSpan(_length));
        _length += fitting;
    }

    private void EndLine()
    {
        string line = Decode();
        _length = 0;
        if (line.Length == 0)
        {
            return;
        }

        if (_complete.Count == MaxLines)
        {
            _complete.Dequeue();
        }

        _complete.Enqueue(line);
    }

    private string Decode()
    {
        string text = Encoding.UTF8.GetString(_line, 0, _length).TrimEnd('\r');
        if (text.Length > MaxLength)
        {
            int end = MaxLength - 1;
            text = text[..(char.IsHighSurrogate(text[end - 1]) ? end - 1 : end)] + '…';
        }

        // Lines go to terminals and logs, which obey control characters.
        return string.Create(text.Length, text, static (line, text) =>
        {
            for (int i = 0; i < line.Length; i++)
            {
                line[i] = char.IsControl(text[i]) && text[i] != '\t' ? '\uFFFD' : text[i];
            }
        });
    }
}
