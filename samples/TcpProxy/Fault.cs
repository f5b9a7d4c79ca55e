using System.Runtime.InteropServices;
using static Tmds.Linux.LibC;

namespace TcpProxy;

/// <summary>How a worker is bad on purpose, to show what becomes of a bad release. Thread-safe.</summary>
/// <param name="kind">One of <see cref="Kinds"/>; null: it is not bad.</param>
internal sealed class Fault(string? kind)
{
    private const string Exit = "exit";
    private const string Slow = "slow";
    private const string Hang = "hang";
    private const string CrashInBake = "crash-in-bake";
    private const int ExitCode = 3;

    /// <summary>More than probes make: these are clients.</summary>
    private const int ConnectionsBeforeCrash = 5;

    private static readonly TimeSpan CrashDelay = TimeSpan.FromMilliseconds(300);

    private int _accepted;
    private volatile bool _hasBegun;

    public static string[] Kinds { get; } = [Exit, Slow, Hang, CrashInBake];

    /// <summary>Before the worker is ready: ends it, or never returns, if it is bad in that way.</summary>
    public async Task BeforeReadyAsync()
    {
        if (kind == Exit)
        {
            await Console.Error.WriteLineAsync("TcpProxy: this release is bad on purpose: it ends before it is ready.");
            Environment.Exit(ExitCode);
        }
        else if (kind == Slow)
        {
            await Task.Delay(Timeout.Infinite);
        }
    }

    /// <summary>From now on connections are not those of the warm-up.</summary>
    public void Begin() => _hasBegun = true;

    /// <summary>For each connection: returns when it may be served.</summary>
    /// <exception cref="OperationCanceledException">The worker is told to stop.</exception>
    public async ValueTask BeforeServeAsync(CancellationToken stopping)
    {
        if (!_hasBegun)
        {
            return;
        }

        if (kind == Hang)
        {
            await Task.Delay(Timeout.Infinite, stopping);
        }
        else if (kind == CrashInBake && Interlocked.Increment(ref _accepted) == ConnectionsBeforeCrash)
        {
            _ = CrashAsync();
        }
    }

    // Stands still first: so whoever shows it can see what the worker held at that moment, and kills it then.
    private static async Task CrashAsync()
    {
        await Task.Delay(CrashDelay);
        await Console.Error.WriteLineAsync("TcpProxy: this release is bad on purpose: it crashes soon after it is ready.");
        if (kill(Environment.ProcessId, SIGSTOP) != 0)
        {
            Environment.FailFast($"SIGSTOP: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastSystemError())}.");
        }
    }
}
