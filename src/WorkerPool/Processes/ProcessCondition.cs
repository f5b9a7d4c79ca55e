using System.Globalization;

namespace WorkerPool.Processes;

/// <summary>What the kernel says of a process, for somebody who wonders why it does nothing.</summary>
/// <param name="Tracer">The thread that traces it (of a debugger, or what writes a dump of it), ptrace(2).</param>
/// <param name="Text">Its state and the number of its threads, as the end of a sentence.</param>
internal sealed record ProcessCondition(int? Tracer, string Text)
{
    /// <summary>Reads /proc/PID/status, proc_pid_status(5).</summary>
    public static ProcessCondition Read(int processId)
    {
        try
        {
            return Parse(File.ReadLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/status")));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new ProcessCondition(null, "what it does is not known");
        }
    }

    internal static ProcessCondition Parse(IEnumerable<string> status)
    {
        Dictionary<string, string> fields = status
            .Select(line => line.Split(':', 2, StringSplitOptions.TrimEntries))
            .Where(field => field.Length == 2)
            .ToDictionary(field => field[0], field => field[1]);
        int tracer = int.Parse(fields.GetValueOrDefault("TracerPid") ?? "0", CultureInfo.InvariantCulture);
        return new ProcessCondition(
            tracer == 0 ? null : tracer,
            $"its process is in state {fields.GetValueOrDefault("State") ?? "?"} and has {fields.GetValueOrDefault("Threads") ?? "?"} threads");
    }
}
