using Spectre.Console;
using Spectre.Console.Rendering;
using WorkerPool;

namespace ZeroDowntime.View;

/// <summary>A table that follows the pool, on a terminal, and the last events under it.</summary>
internal sealed class LiveView : IView
{
    private const int LinesShown = 8;
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(200);

    private readonly CancellationTokenSource _end = new();
    private readonly Lock _gate = new();
    private readonly Queue<string> _lines = new();
    private readonly Task _drawing;
    private Func<Scene>? _look;

    public LiveView() => _drawing = AnsiConsole.Live(new Text("")).StartAsync(DrawAsync);

    public string Phase { get; set; } = "start";

    public void Say(TimeSpan time, string line)
    {
        lock (_gate)
        {
            _lines.Enqueue($"{time.TotalSeconds,7:0.00} s  {line}");
            if (_lines.Count > LinesShown)
            {
                _lines.Dequeue();
            }
        }
    }

    public void Show(Func<Scene> look) => _look = look;

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _drawing;
        _end.Dispose();
    }

    private async Task DrawAsync(LiveDisplayContext context)
    {
        while (!_end.IsCancellationRequested)
        {
            context.UpdateTarget(Draw());
            await Task.Delay(Period, _end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        context.UpdateTarget(Draw());
    }

    private Rows Draw()
    {
        List<IRenderable> parts = [];
        if (_look?.Invoke() is Scene scene)
        {
            parts.Add(DrawTable(scene));
            if (scene.Pool.Rollout is RolloutStatus rollout)
            {
                parts.Add(new Text($"release {rollout.Label}  {RolloutBar.Draw(rollout)}"));
            }
        }

        lock (_gate)
        {
            parts.AddRange(_lines.Select(line => new Text(line, new Style(Color.Grey)).Overflow(Overflow.Ellipsis)));
        }

        return new Rows(parts);
    }

    private Table DrawTable(Scene scene)
    {
        Table table = new Table().RoundedBorder().Title(
            $"[bold]{Markup.Escape(Phase)}[/]   {scene.Time.TotalSeconds:0.0} s   {scene.Progress.Opened:N0} connections, " +
            $"[{(scene.Progress.Lost == 0 ? "green" : "red")}]{scene.Progress.Lost} lost[/]   {scene.Memory.Megabytes:0} MB");
        foreach (string name in (string[])["slot", "process", "generation", "release", "state", "connections", "memory, MB", "share", "weight"])
        {
            table.AddColumn(name, column => column.Alignment = name is "release" or "state" ? Justify.Left : Justify.Right);
        }

        foreach (string[] row in scene.Rows())
        {
            table.AddRow([.. row.Select(Markup.Escape)]);
        }

        return table;
    }
}
