using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace WorkerPool.Benchmarks.Accept;

/// <summary>A server to be measured, and the CPU time that it has used.</summary>
internal sealed partial class ServerProcess : IDisposable
{
    private readonly Process _process;

    public ServerProcess(string name, string file, params string[] arguments)
    {
        Name = name;
        _process = Process.Start(new ProcessStartInfo(file, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        string line = _process.StandardOutput.ReadLine()
            ?? throw new InvalidOperationException($"The server \"{name}\" ended before it listened.");
        Port = int.Parse(line, CultureInfo.InvariantCulture);
    }

    public string Name { get; }

    public int Port { get; }

    /// <summary>Of all threads, user and system, see clock_getcpuclockid(3).</summary>
    public unsafe double CpuMicroseconds()
    {
        Time time;
        int error = clock_getcpuclockid(_process.Id, out int clock);
        return error == 0 && clock_gettime(clock, &time) == 0
            ? (time.Seconds * 1e6) + (time.Nanoseconds / 1e3)
            : throw new InvalidOperationException($"The CPU time of \"{Name}\" cannot be read ({error}).");
    }

    /// <summary>How often its threads that live now went to sleep of their own, see proc_pid_status(5).</summary>
    public long Sleeps() =>
        Directory.GetDirectories($"/proc/{_process.Id}/task")
            .SelectMany(thread => File.ReadLines(thread + "/status"))
            .Where(line => line.StartsWith("voluntary_ctxt_switches:", StringComparison.Ordinal))
            .Sum(line => long.Parse(line.AsSpan(line.IndexOf(':') + 1), CultureInfo.InvariantCulture));

    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
    }

    [LibraryImport("libc.so.6")]
    private static partial int clock_getcpuclockid(int process, out int clock);

    [LibraryImport("libc.so.6")]
    private static unsafe partial int clock_gettime(int clock, Time* time);

    private struct Time
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
