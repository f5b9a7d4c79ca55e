using Spectre.Console;
using Spectre.Console.Rendering;

namespace WorkerPool.Cli.Output;

/// <summary>The table of <c>top</c>.</summary>
internal static class TopPicture
{
    private const int StateColumn = 4;

    public static IRenderable Of(PoolTable pool, ControlClient client)
    {
        Table table = new() { Border = TableBorder.None };
        foreach ((string head, bool number) in PoolTable.Columns)
        {
            table.AddColumn(new TableColumn(new Text(head, new Style(decoration: Decoration.Invert))) { Alignment = number ? Justify.Right : Justify.Left, NoWrap = true });
        }

        foreach (string[] row in pool.Rows)
        {
            table.AddRow(row.Select((cell, i) => new Text(cell, i == StateColumn ? StyleOf(cell) : Style.Plain)));
        }

        return new Rows([new Text($"{client.Path}, master {client.ProcessId}"), .. pool.Notes.Select(note => new Text(note)), table]);
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
