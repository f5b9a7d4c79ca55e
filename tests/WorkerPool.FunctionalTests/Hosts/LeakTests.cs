using WorkerPool.FunctionalTests.Support;
using Xunit;

namespace WorkerPool.FunctionalTests.Hosts;

[Collection("Pools")]
public class LeakTests
{
    private const int Replacements = 500;
    private const long AllowedGrowth = 200_000;

    [Fact]
    public async Task Five_hundred_replacements_leave_no_descriptor_no_zombie_no_thread_and_no_memory()
    {
        await using TestPool pool = await TestPool.StartAsync(options =>
        {
            options.WorkerCount = 4;
            options.Release = ShellWorker.Quick();
            options.LoggerFactory = Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance;
        });
        await ReplaceAsync(pool, 100);
        Usage before = Usage.Now();
        await ReplaceAsync(pool, Replacements);
        Usage after = Usage.Now();

        Assert.Equal(before.Descriptors, after.Descriptors);
        Assert.InRange(after.Threads, 0, before.Threads + 4);
        Assert.InRange(after.Bytes, 0, before.Bytes + AllowedGrowth);
        Assert.Empty(ProcessTable.ZombiesOf(Environment.ProcessId));
        Assert.Equal(4, pool.Status.ProcessCount);
    }

    private static async Task ReplaceAsync(TestPool pool, int count)
    {
        for (int i = 0; i < count; i++)
        {
            ReplaceOrder order = i % 8 < 4 ? ReplaceOrder.StartFirst : ReplaceOrder.StopFirst;
            (await pool.Master.ReplaceAsync(i % 4, order: order)).EnsureDone();
            PoolEvent ended = await pool.WaitForAsync(PoolEventKind.CommandEnded);
            pool.Forget();
            Assert.True(ended.Verdict!.IsDone);
        }
    }

    private sealed record Usage(int Descriptors, int Threads, long Bytes)
    {
        // Finalizers may free what others need, so twice.
        public static Usage Now()
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            return new Usage(
                Directory.GetFiles("/proc/self/fd").Length,
                Directory.GetDirectories("/proc/self/task").Length,
                GC.GetTotalMemory(forceFullCollection: true));
        }
    }
}
