using System.Runtime.InteropServices;
using static Tmds.Linux.LibC;

namespace WorkerPool.Signals;

/// <summary>Which signals the master handles, and how.</summary>
internal static class SignalTable
{
    // The C library and the .NET runtime have them for themselves; see signal(7), "Real-time signals".
    private const int FirstReserved = 32;
    private const int LastReserved = 34;
    private const int Last = 64;

    /// <summary>The signals by their numbers, without those that are to be left alone.</summary>
    /// <param name="options">What the operator wants.</param>
    /// <param name="hasTerminal">Whether a terminal tells this process of each change of its size.</param>
    public static IReadOnlyList<(int Number, SignalAction Action)> Of(SignalOptions options, bool hasTerminal)
    {
        (int Number, SignalAction Action)[] all =
        [
            (SIGHUP, options.SIGHUP),
            (SIGINT, options.SIGINT),
            (SIGQUIT, options.SIGQUIT),
            (SIGUSR1, options.SIGUSR1),
            (SIGUSR2, options.SIGUSR2),
            (SIGTERM, options.SIGTERM),
            (SIGTTIN, options.SIGTTIN),
            (SIGTTOU, options.SIGTTOU),
            (SIGWINCH, hasTerminal ? SignalAction.Untouched : options.SIGWINCH),
        ];
        return [.. all.Where(signal => signal.Action != SignalAction.Untouched)];
    }

    /// <summary>As <see cref="PosixSignalRegistration"/> takes it: numbers of the kernel are positive.</summary>
    public static PosixSignal Raw(int number) => (PosixSignal)number;

    /// <summary>Whether a process may be sent this signal to be told something.</summary>
    public static bool MaySend(int number) =>
        number is >= 1 and <= Last and not (>= FirstReserved and <= LastReserved) && number != SIGKILL && number != SIGSTOP;
}
