using System.Globalization;
using WorkerPool.Processes;

namespace WorkerPool.Signals;

/// <summary>What /proc says about the signals of this process; proc_pid_status(5), proc_pid_stat(5).</summary>
internal static class ProcessSignals
{
    // Counted behind the name of the program, which is in parentheses and may hold anything: state, ppid, pgrp, session, tty_nr.
    private const int TerminalField = 4;

    /// <summary>Those that are ignored: whoever started this process wanted so, and the runtime keeps to it.</summary>
    public static IReadOnlyList<int> Ignored(IEnumerable<int> signals) => Ignored(File.ReadAllText("/proc/self/status"), signals);

    /// <summary>Whether this process has a controlling terminal, and gets the signals that it sends of its own accord.</summary>
    public static bool HasTerminal() => HasTerminal(File.ReadAllText("/proc/self/stat"));

    internal static IReadOnlyList<int> Ignored(string status, IEnumerable<int> signals) =>
        KernelText.Field(status, "SigIgn") is [string mask, ..]
        && ulong.TryParse(mask, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong bits)
            ? [.. signals.Where(signal => (bits & (1UL << (signal - 1))) != 0)]
            : [];

    internal static bool HasTerminal(string stat) =>
        stat[(stat.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries)[TerminalField] != "0";
}
