using System.Diagnostics;
using System.Runtime.InteropServices;

namespace WorkerPool.TestWorker;

/// <summary>
/// A pool in a process of its own, for tests of what happens to the master. Arguments: number of workers, listen address
/// of the endpoint "main", drain deadline in seconds, "drain" or "serve" for the loss of the master, then the workers'
/// arguments. If the pool cannot start it prints "failed: REASON". When all are ready it prints "worker SLOT PROCESS" for each and "up ADDRESS", then a line for each event.
/// SIGHUP and SIGUSR1 replace the worker of slot 0, SIGUSR2 runs a process of the host's own; the others, and for a master
/// that was started as "signal-master" all signals, do what the library says.
/// </summary>
internal static class TestMaster
{
    /// <summary>Where the control socket is to be.</summary>
    private const string ControlVariable = "TEST_CONTROL_PATH";

    private const int SIGUSR1 = 10;
    private const int SIGUSR2 = 12;

    public static async Task<int> RunAsync(string[] args, bool ownSignals)
    {
        try
        {
            return await RunPoolAsync(args, ownSignals);
        }
        catch (IOException e)
        {
            Console.WriteLine($"failed: {e.Message}");
            return 1;
        }
    }

    private static Task<int> RunPoolAsync(string[] args, bool ownSignals)
    {
        return Pool.RunAsync(
            pool =>
            {
                pool.WorkerCount = int.Parse(args[0], System.Globalization.CultureInfo.InvariantCulture);
                pool.Listen("main", args[1]);
                pool.DrainDeadline = TimeSpan.FromSeconds(double.Parse(args[2], System.Globalization.CultureInfo.InvariantCulture));
                pool.OnMasterLoss = args[3] == "serve" ? MasterLoss.Serve : MasterLoss.Drain;
                pool.Release = Release.Current("test", args[4..]);
                pool.LoggerFactory = new ConsoleLog();
                pool.ControlPath = Environment.GetEnvironmentVariable(ControlVariable);
                WorkerProcesses.Configure(pool.Processes, Environment.GetEnvironmentVariable(WorkerProcesses.Variable) ?? "");
                if (Environment.GetEnvironmentVariable("TEST_LIVENESS_SECONDS") is string seconds)
                {
                    pool.Liveness.Deadline = TimeSpan.FromSeconds(double.Parse(seconds, System.Globalization.CultureInfo.InvariantCulture));
                }

                Configure(pool, Environment.GetEnvironmentVariable("TEST_POOL") ?? "");
                if (ownSignals)
                {
                    pool.Signals.SIGHUP = pool.Signals.SIGUSR1 = pool.Signals.SIGUSR2 = SignalAction.Untouched;
                }

                Console.WriteLine("configured");
            },
            _ => throw new InvalidOperationException("This is the master."),
            (master, _) => ManageAsync(master, ownSignals));
    }

    /// <summary>More that a test says in the environment: <c>KeepSockets;RetiredSocketLinger=100</c>, in milliseconds.</summary>
    private static void Configure(PoolOptions pool, string text)
    {
        foreach (string[] words in text.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(part => part.Split('=')))
        {
            switch (words[0])
            {
                case nameof(SystemdOptions.KeepSockets):
                    pool.Systemd.KeepSockets = true;
                    break;
                case nameof(PoolOptions.ReapOrphans):
                    pool.ReapOrphans = true;
                    break;
                case nameof(PoolOptions.RetiredSocketLinger):
                    pool.RetiredSocketLinger = TimeSpan.FromMilliseconds(double.Parse(words[1], System.Globalization.CultureInfo.InvariantCulture));
                    break;
                default:
                    throw new ArgumentException($"\"{words[0]}\" is not known.", nameof(text));
            }
        }
    }

    private static async Task ManageAsync(Master master, bool ownSignals)
    {
        IAsyncEnumerable<PoolEvent> events = master.ReadEventsAsync(CancellationToken.None);
        using PosixSignalRegistration? hangUp = ownSignals ? On(PosixSignal.SIGHUP, () => ReplaceAsync(master)) : null;
        using PosixSignalRegistration? user1 = ownSignals ? On((PosixSignal)SIGUSR1, () => ReplaceAsync(master)) : null;
        using PosixSignalRegistration? user2 = ownSignals ? On((PosixSignal)SIGUSR2, RunHostProcessAsync) : null;
        foreach (SlotStatus slot in master.Status.Slots)
        {
            Console.WriteLine($"worker {slot.Slot} {slot.Workers[0].ProcessId}");
        }

        Console.WriteLine($"up {master.GetEndPoint("main")}");
        await foreach (PoolEvent poolEvent in events)
        {
            Console.WriteLine($"{poolEvent.Kind} {poolEvent.Slot} {poolEvent.ProcessId} {poolEvent.Message}");
        }
    }

    private static PosixSignalRegistration On(PosixSignal signal, Func<Task> action) =>
        PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true;
            _ = Task.Run(action);
        });

    private static async Task ReplaceAsync(Master master) =>
        Console.WriteLine($"replaced: {(await master.ReplaceAsync(0)).Message}");

    private static async Task RunHostProcessAsync()
    {
        using Process process = Process.Start("setsid", ["sh", "-c", "exit 7"]); // in a group of its own, as an orphan of a worker is
        await process.WaitForExitAsync();
        Console.WriteLine($"host process: {process.ExitCode}");
    }
}
