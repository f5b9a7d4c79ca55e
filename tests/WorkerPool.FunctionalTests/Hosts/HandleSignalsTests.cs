using System.Globalization;
using WorkerPool.FunctionalTests.Support;
using Xunit;
using static Tmds.Linux.LibC;

namespace WorkerPool.FunctionalTests.Hosts;

/// <summary>A host that starts the master on its own: here the process of the tests, whose signals are sent and caught.</summary>
[Collection("Pools")]
public class HandleSignalsTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task From_the_call_until_it_is_disposed_signals_do_what_the_options_say()
    {
        await using TestPool pool = await TestPool.StartAsync(options => options.WorkerCount = 1);
        Assert.False(IsCaught(SIGTTIN));
        using (pool.Master.HandleSignals())
        {
            Assert.True(IsCaught(SIGTTIN));
            SendToSelf(SIGTTIN);
            await pool.WaitForAsync(PoolEventKind.SlotAdded, 1);
        }

        Assert.False(IsCaught(SIGTTIN));
    }

    [Fact]
    public async Task A_signal_that_means_the_end_stops_the_pool_and_not_the_host()
    {
        await using TestPool pool = await TestPool.StartAsync(options => options.WorkerCount = 1);
        using (pool.Master.HandleSignals())
        {
            SendToSelf(SIGTERM);
            await pool.Master.Stopped.WaitAsync(Patience, TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task A_host_may_stop_the_pool_itself()
    {
        await using TestPool pool = await TestPool.StartAsync(options => options.WorkerCount = 1);
        TaskCompletionSource<StopMode> asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using (pool.Master.HandleSignals(mode =>
        {
            asked.TrySetResult(mode);
            return Task.CompletedTask;
        }))
        {
            SendToSelf(SIGTERM);
            Assert.Equal(StopMode.Graceful, await asked.Task.WaitAsync(Patience, TestContext.Current.CancellationToken));
            Assert.False(pool.Status.Stopping);
        }
    }

    private static void SendToSelf(int signal)
    {
        Assert.True(IsCaught(signal), "The signal would end the tests.");
        MasterProcess.Signal(Environment.ProcessId, signal);
    }

    /// <summary>Whether this process has a handler for it, proc_pid_status(5).</summary>
    private static bool IsCaught(int signal)
    {
        string mask = File.ReadLines("/proc/self/status").Single(line => line.StartsWith("SigCgt:", StringComparison.Ordinal)).Split('\t')[1];
        return (ulong.Parse(mask, NumberStyles.HexNumber, CultureInfo.InvariantCulture) & (1UL << (signal - 1))) != 0;
    }
}
