using System.Text;

namespace WorkerPool.Cli.Output;

/// <summary>Columns of text, aligned, as ps(1) has them. Pure.</summary>
internal static class TextTable
{
    private const string Gap = "  ";

    /// <param name="columns">The heads; those of numbers are aligned to the right.</param>
    /// <param name="rows">One text for each column.</param>
    public static string Format(IReadOnlyList<(string Head, bool Number)> columns, IReadOnlyList<string[]> rows)
    {
        int[] widths = [.. columns.Select((column, i) => rows.Select(row => row[i].Length).Append(column.Head.Length).Max())];
        StringBuilder text = new();
        foreach (string[] row in rows.Prepend([.. columns.Select(column => column.Head)]))
        {
            IEnumerable<string> cells = row.Select((cell, i) => columns[i].Number ? cell.PadLeft(widths[i]) : cell.PadRight(widths[i]));
            text.Append(string.Join(Gap, cells).TrimEnd()).Append('\n');
        }

        return text.ToString();
    }
}
