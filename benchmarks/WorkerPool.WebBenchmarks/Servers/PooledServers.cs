using System.Globalization;

namespace WorkerPool.WebBenchmarks.Servers;

/// <summary>A pool: the master and its workers.</summary>
internal sealed class PooledServers : Server
{
    public const string Kind = "pool";

    private readonly ChildServer _master;
    private readonly int[] _processes;

    public PooledServers(ServerSpec spec)
    {
        _master = new ChildServer(spec, PoolRole.Name, spec.Count.ToString(CultureInfo.InvariantCulture));
        _processes = [_master.Id, .. WorkersOf(_master.Id)];
    }

    public override int Port => _master.Port;

    protected override IReadOnlyList<int> Processes => _processes;

    public override void Dispose() => _master.Dispose();

    // Children belong to the thread that started them, see proc_pid_task(5).
    private static IEnumerable<int> WorkersOf(int master) =>
        Directory.GetDirectories($"/proc/{master}/task")
            .SelectMany(thread => File.ReadAllText(thread + "/children").Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Select(process => int.Parse(process, CultureInfo.InvariantCulture));
}
