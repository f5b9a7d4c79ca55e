using System.Globalization;

namespace WorkerPool.Processes;

/// <summary>Signal numbers of Linux on x64 and arm64, and their names; see signal(7).</summary>
internal static class SignalNames
{
    public const int SIGHUP = 1;
    public const int SIGABRT = 6;
    public const int SIGKILL = 9;
    public const int SIGTERM = 15;
    public const int SIGCHLD = 17;

    private static readonly string[] Names =
    [
        "signal 0", "SIGHUP", "SIGINT", "SIGQUIT", "SIGILL", "SIGTRAP", "SIGABRT", "SIGBUS", "SIGFPE", "SIGKILL",
        "SIGUSR1", "SIGSEGV", "SIGUSR2", "SIGPIPE", "SIGALRM", "SIGTERM", "SIGSTKFLT", "SIGCHLD", "SIGCONT", "SIGSTOP",
        "SIGTSTP", "SIGTTIN", "SIGTTOU", "SIGURG", "SIGXCPU", "SIGXFSZ", "SIGVTALRM", "SIGPROF", "SIGWINCH", "SIGIO",
        "SIGPWR", "SIGSYS",
    ];

    public static string NameOf(int signal) =>
        signal > 0 && signal < Names.Length
            ? Names[signal]
            : "signal " + signal.ToString(CultureInfo.InvariantCulture);
}
