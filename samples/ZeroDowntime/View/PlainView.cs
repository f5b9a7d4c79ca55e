using ZeroDowntime.Load;

namespace ZeroDowntime.View;

/// <summary>A line for each event, for logs and pipes.</summary>
internal sealed class PlainView : IView
{
    private Func<Scene>? _look;

    public string Phase
    {
        get;
        set
        {
            field = value;
            WriteScene();
        }
    } = "";

    public void Say(TimeSpan time, string line) => Console.WriteLine($"{time.TotalSeconds,7:0.00} s  {line}");

    public void Show(Func<Scene> look) => _look = look;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private void WriteScene()
    {
        if (_look?.Invoke() is Scene scene)
        {
            Progress progress = scene.Progress;
            Say(scene.Time, $"--- {Phase}: {progress.Opened} connections so far, {progress.Lost} lost, {scene.Memory.Megabytes:0} MB");
            foreach (string[] row in scene.Rows())
            {
                string worker = $"process {row[1],-7} generation {row[2],-2} {row[3],-4} {row[4],-9}";
                Say(scene.Time, $"    slot {row[0]}  {worker} {row[5],4} connections {row[6],4} MB  share {row[7],5}  weight {row[8]}");
            }
        }
    }
}
