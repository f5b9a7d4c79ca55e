using System.Diagnostics;
using System.Runtime.InteropServices;
using ZeroDowntime.Measure;
using static Tmds.Linux.LibC;

namespace ZeroDowntime.Kill;

/// <summary>Kills a worker, and proves which connections died with it.</summary>
/// <remarks>
/// A proxy at layer 4 does not tell its clients which worker serves them, and must not. The kernel tells:
/// <code>
///   1 SIGSTOP, and wait until every thread of the worker stands still: it accepts and closes nothing any more
///   2 /proc/PID/fd gives the sockets that it holds, /proc/net/tcp the client's port of each
///   3 SIGKILL
/// </code>
/// What waits in the accept queue of its slot has no descriptor, so it is not in the list: losing one of those counts as
/// a defect, like any other loss.
/// </remarks>
internal static class WorkerKill
{
    private static readonly TimeSpan FreezeDeadline = TimeSpan.FromSeconds(2);

    /// <param name="slot">Its slot.</param>
    /// <param name="worker">Its process.</param>
    /// <param name="port">The port that it serves.</param>
    public static async Task<KilledWorker> RunAsync(int slot, int worker, int port)
    {
        Signal(worker, SIGSTOP);
        await WhenFrozenAsync(worker);
        long frozen = Stopwatch.GetTimestamp();
        HashSet<int> ports = SocketTable.ReadClientPorts(port, HeldSockets.ReadInodes(worker));
        long killed = Stopwatch.GetTimestamp();
        Signal(worker, SIGKILL);
        return new KilledWorker(slot, worker, ports, frozen, killed);
    }

    /// <summary>Whether every thread of the process stands still.</summary>
    public static bool IsFrozen(int process)
    {
        try
        {
            return Directory.GetDirectories($"/proc/{process}/task").All(IsStopped);
        }
        catch (IOException)
        {
            return false; // it, or a thread of it, has ended while we looked
        }
    }

    private static async Task WhenFrozenAsync(int process)
    {
        long begin = Stopwatch.GetTimestamp();
        while (!IsFrozen(process))
        {
            if (Stopwatch.GetElapsedTime(begin) > FreezeDeadline)
            {
                throw new IOException($"Process {process} does not stop at SIGSTOP.");
            }

            await Task.Delay(1);
        }
    }

    // The state follows the name, which stands in parentheses and may hold anything; proc_pid_stat(5).
    private static bool IsStopped(string task)
    {
        string stat = File.ReadAllText($"{task}/stat");
        return stat[stat.LastIndexOf(')') + 2] is 'T' or 't';
    }

    private static void Signal(int process, int signal)
    {
        if (kill(process, signal) != 0)
        {
            string error = Marshal.GetPInvokeErrorMessage(Marshal.GetLastSystemError());
            throw new IOException($"Signal {signal} to process {process}: {error}.");
        }
    }
}
