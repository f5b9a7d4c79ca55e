using System.Diagnostics;
using System.Globalization;

namespace WorkerPool.TestWorker;

/// <summary>Processes whose parent ends before them, as programs make them that become daemons.</summary>
internal static class Orphans
{
    /// <summary>Leaves so many behind: every other one in a session of its own. They end soon, with an exit code of their own.</summary>
    public static async Task LeaveAsync(int count)
    {
        string script = string.Create(
            CultureInfo.InvariantCulture, $"i=0; while [ $i -lt {count / 2} ]; do (sleep 0.2; exit 3) & setsid sh -c 'sleep 0.2; exit 4' & i=$((i + 1)); done; exit 0");
        using Process parent = Process.Start("sh", ["-c", script]);
        await parent.WaitForExitAsync();
    }
}
