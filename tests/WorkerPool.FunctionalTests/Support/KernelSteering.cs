using System.Runtime.CompilerServices;
using WorkerPool.Sockets;
using Xunit;

namespace WorkerPool.FunctionalTests.Support;

/// <summary>
/// Whether this machine's kernel still attaches programs. One that has deadlocked over it (see <see cref="AttachPace"/>)
/// keeps every process that tries for ever, and no signal ends it; the tests then run without steering, and those that
/// need it are skipped.
/// </summary>
internal static class KernelSteering
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>Before the library reads it; masters in other processes inherit it.</summary>
    [ModuleInitializer]
    internal static void SwitchOffIfStuck()
    {
        if (IsStuck())
        {
            Environment.SetEnvironmentVariable(Steering.Switch, "off");
        }
    }

    /// <summary>To be called by tests of what steering does.</summary>
    public static void Require() => Assert.SkipWhen(
        Steering.IsOff, "This kernel has deadlocked over an earlier program and attaches no other until the machine is restarted, or steering is switched off.");

    /// <summary>The same tasks wait for the lock of the programs' memory for longer than any attachment takes.</summary>
    private static bool IsStuck()
    {
        HashSet<string> waiting = Waiting();
        for (long end = Environment.TickCount64 + (long)Patience.TotalMilliseconds; waiting.Count > 0 && Environment.TickCount64 < end;)
        {
            Thread.Sleep(100);
            waiting.IntersectWith(Waiting());
        }

        return waiting.Count > 0;
    }

    private static HashSet<string> Waiting()
    {
        HashSet<string> waiting = [];
        foreach (string process in Directory.EnumerateDirectories("/proc").Where(path => char.IsAsciiDigit(path[^1])))
        {
            try
            {
                if (File.ReadAllText(process + "/wchan").StartsWith("bpf_prog_pack_", StringComparison.Ordinal))
                {
                    waiting.Add(process);
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It ended, or is not ours to see.
            }
        }

        return waiting;
    }
}
