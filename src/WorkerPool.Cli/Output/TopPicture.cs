using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace WorkerPool.Cli.Output;

/// <summary>What <c>top</c> shows: what is to be said of the pool, then its workers, cut to the size of the terminal.</summary>
internal static class TopPicture
{
    private const int StateColumn = 3;

    /// <param name="pool">The pool.</param>
    /// <param name="head">Which one it is.</param>
    /// <param name="width">Columns of the terminal.</param>
    /// <param name="height">Lines of the terminal.</param>
    public static IRenderable Of(PoolTable pool, string head, int width, int height)
    {
        string[] above = [head, .. pool.Notes, ""];
        string[] table = TextTable.Format(PoolTable.Columns, pool.Rows).TrimEnd('\n').Split('\n');
        int room = Math.Max(1, height - above.Length - 3); // the heads of the columns, how many more there are, and the cursor
        List<IRenderable> lines = [.. above.Select(line => new Text(Cut(line, width))), new Text(Cut(table[0], width), new Style(decoration: Decoration.Invert))];
        lines.AddRange(table.Skip(1).Take(room).Select((line, i) => RowOf(Cut(line, width), pool.Rows[i][StateColumn])));
        int more = pool.Rows.Count - room;
        lines.Add(new Text(more > 0 ? string.Create(CultureInfo.InvariantCulture, $"… {more} more") : ""));
        return new Rows(lines);
    }

    /// <summary>A line that is longer than the terminal would take a second one.</summary>
    private static string Cut(string line, int width) => line.Length <= width ? line : string.Concat(line.AsSpan(0, Math.Max(0, width - 1)), "…");

    private static Paragraph RowOf(string line, string state)
    {
        Paragraph row = new();
        int start = line.IndexOf(state, StringComparison.Ordinal); // numbers and "-" are all that is in front of it
        return start < 0
            ? row.Append(line)
            : row.Append(line[..start]).Append(state, StyleOf(state)).Append(line[(start + state.Length)..]);
    }

    private static Style StyleOf(string state) => state switch
    {
        "ready" => new Style(Color.Green),
        "starting" or "replacing" => new Style(Color.Aqua),
        "draining" => new Style(Color.Yellow),
        "empty" => new Style(Color.Grey),
        _ => new Style(Color.Red),
    };
}
