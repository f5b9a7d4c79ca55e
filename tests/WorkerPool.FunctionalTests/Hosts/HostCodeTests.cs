using System.Diagnostics;
using WorkerPool.FunctionalTests.Support;
using Xunit;
using static Tmds.Linux.LibC;

namespace WorkerPool.FunctionalTests.Hosts;

/// <summary>What the program around the master does in the same process.</summary>
[Collection("Pools")]
public class HostCodeTests
{
    [Fact]
    public async Task Workers_outlive_the_thread_that_started_them()
    {
        await using TestPool pool = RunInThread(() => TestPool.StartAsync(options => options.WorkerCount = 2));
        RunInThread(() => pool.Master.ReplaceAsync(0)).EnsureDone();
        int[] processes = [pool.ProcessOf(0), pool.ProcessOf(1)];
        HashSet<int> answered = [];
        while (answered.Count < 2)
        {
            answered.Add((await pool.AskAsync()).Process);
        }

        Assert.Equal(processes.Order(), answered.Order());
        Assert.Equal(2, pool.Status.ReadyCount);
    }

    [Fact]
    public async Task Processes_of_the_host_and_workers_do_not_get_each_other_s_exit_status()
    {
        await using TestPool pool = await TestPool.StartAsync(options =>
        {
            options.WorkerCount = 2;
            options.Release = ShellWorker.Quick();
        });
        using CancellationTokenSource enough = new();
        Task<int>[] host = [.. Enumerable.Range(0, 3).Select(i => Task.Run(() => StartProcessesAsync(i, enough.Token)))];
        for (int i = 0; i < 40; i++)
        {
            int killed = pool.ProcessOf(1);
            Assert.Equal(0, kill(killed, SIGKILL));
            Assert.Equal(SIGKILL, (await ExitOfAsync(pool, killed)).Signal);
            int replaced = pool.ProcessOf(0);
            (await pool.Master.ReplaceAsync(0)).EnsureDone();
            Assert.Equal(0, (await ExitOfAsync(pool, replaced)).Code);
            await pool.WaitForAsync(poolEvent => poolEvent is { Kind: PoolEventKind.WorkerReady, Slot: 1 } && poolEvent.ProcessId != killed, "the respawn");
            (await pool.Master.ReplaceAsync(1)).EnsureDone(); // a slot that only ever sees deaths would back off
        }

        await enough.CancelAsync();
        Assert.All(await Task.WhenAll(host), count => Assert.True(count > 10, $"Only {count} processes were started."));
    }

    private static async Task<ExitStatus> ExitOfAsync(TestPool pool, int process) =>
        (await pool.WaitForAsync(poolEvent => poolEvent.Kind == PoolEventKind.WorkerExited && poolEvent.ProcessId == process, $"the exit of {process}"))
        .Exit!.Value;

    private static async Task<int> StartProcessesAsync(int code, CancellationToken enough)
    {
        int count = 0;
        while (!enough.IsCancellationRequested)
        {
            using Process process = Process.Start("sh", ["-c", $"exit {code}"]);
            await process.WaitForExitAsync(CancellationToken.None);
            Assert.Equal(code, process.ExitCode);
            count++;
        }

        return count;
    }

    /// <summary>On a thread of its own, which has ended when this returns.</summary>
    private static T RunInThread<T>(Func<Task<T>> action)
    {
        T result = default!;
        Thread thread = new(() => result = action().GetAwaiter().GetResult());
        thread.Start();
        thread.Join();
        return result;
    }
}
