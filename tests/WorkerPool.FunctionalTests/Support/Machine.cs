using System.Globalization;
using System.Net;
using WorkerPool.Processes;
using static Tmds.Linux.LibC;

namespace WorkerPool.FunctionalTests.Support;

/// <summary>What /proc says about processes and sockets, and what signals do to them.</summary>
internal static class Machine
{
    private const string EstablishedState = "01"; // TCP_ESTABLISHED
    private const string ListenState = "0A"; // TCP_LISTEN, /proc/net/tcp

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(5);

    public static void Kill(int process) => Send(process, SignalNames.SIGKILL);

    /// <summary>Stops every thread of a process: it accepts nothing and hears nothing, but it lives.</summary>
    public static async Task FreezeAsync(int process)
    {
        Send(process, SIGSTOP);
        await UntilAsync(() => Directory.EnumerateDirectories($"/proc/{process}/task").All(IsStopped), $"process {process} is stopped");
    }

    public static void Thaw(int process) => Send(process, SIGCONT);

    /// <summary>How many live connections to a TCP port of IPv4 a process has accepted.</summary>
    public static int ConnectionsOf(int process, EndPoint address)
    {
        HashSet<string> established = SocketsOn(address, EstablishedState);
        return Directory.EnumerateFileSystemEntries($"/proc/{process}/fd").Count(file => established.Contains(new FileInfo(file).LinkTarget ?? ""));
    }

    /// <summary>The inode of the listening socket that a worker has as its first descriptor.</summary>
    public static string ListenerOf(int process) => new FileInfo($"/proc/{process}/fd/3").LinkTarget!;

    /// <summary>Whether this process has the socket open.</summary>
    public static bool IsHeldHere(string socket) =>
        Directory.EnumerateFileSystemEntries("/proc/self/fd").Any(file => new FileInfo(file).LinkTarget == socket);

    /// <summary>The inodes of the sockets that listen on a TCP port of IPv4, as links in /proc show them.</summary>
    public static HashSet<string> ListenersOn(EndPoint address) => SocketsOn(address, ListenState);

    private static HashSet<string> SocketsOn(EndPoint address, string state)
    {
        string port = ":" + ((IPEndPoint)address).Port.ToString("X4", CultureInfo.InvariantCulture);
        return [.. File.ReadLines("/proc/net/tcp")
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(row => row[3] == state && row[1].EndsWith(port, StringComparison.Ordinal))
            .Select(row => $"socket:[{row[9]}]")];
    }

    /// <summary>Processes that have this text among their arguments.</summary>
    public static int[] ProcessesWith(string argument) =>
        [.. Directory.EnumerateDirectories("/proc").Where(process => Arguments(process).Contains(argument, StringComparison.Ordinal))
            .Select(process => Path.GetFileName(process)).Where(name => name.All(char.IsAsciiDigit))
            .Select(name => int.Parse(name, CultureInfo.InvariantCulture)).Where(process => process != Environment.ProcessId)];

    /// <summary>For what gives no event.</summary>
    public static async Task UntilAsync(Func<bool> condition, string what)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            if (TimeProvider.System.GetElapsedTime(start) > Patience)
            {
                throw new TimeoutException($"Not so within {Patience}: {what}.");
            }

            await Task.Delay(Period);
        }
    }

    private static void Send(int process, int signal) =>
        Interop.SystemCall.Check(kill(process, signal), $"kill({process}, {SignalNames.NameOf(signal)})");

    private static bool IsStopped(string thread) => File.ReadAllText(thread + "/stat").Split(") ")[^1].StartsWith('T');

    private static string Arguments(string process)
    {
        try
        {
            return File.ReadAllText(process + "/cmdline");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return ""; // it just ended, or is not a process
        }
    }
}
