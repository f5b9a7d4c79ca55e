using System.Globalization;
using WorkerPool.FunctionalTests.Support;
using WorkerPool.Processes;
using WorkerPool.Sockets;
using Xunit;

namespace WorkerPool.FunctionalTests.Pools;

[Collection("Pools")]
public class MeasurementTests
{
    // USER_HZ is 100 on all that .NET runs on, see times(2).
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(10);

    [Fact]
    public async Task Every_worker_has_its_memory_and_its_processor_time()
    {
        await using TestPool pool = await TestPool.StartAsync(options => options.WorkerCount = 2);
        DateTimeOffset before = TimeProvider.System.GetUtcNow();
        PoolMeasurement measured = await pool.Master.MeasureAsync();

        Assert.InRange(measured.Time, before, TimeProvider.System.GetUtcNow());
        Assert.Equal([(0, 1, pool.ProcessOf(0)), (1, 1, pool.ProcessOf(1))], measured.Workers.Select(one => (one.Slot, one.Generation, one.ProcessId)));
        Assert.All(measured.Workers, one => Assert.InRange(one.PssBytes!.Value, 1 << 20, ProcessMemory.Read(one.ProcessId).Bytes!.Value * 2));
        Assert.All(measured.Workers, one => Assert.InRange(one.CpuTime!.Value, TimeSpan.FromMilliseconds(1), StatTime(one.ProcessId) + TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public async Task Processor_time_agrees_with_what_proc_says_and_grows_with_the_work()
    {
        await using TestPool pool = await TestPool.StartAsync(options => options.WorkerCount = 1);
        TimeSpan idle = await CpuTimeAsync(pool);
        for (int i = 0; i < 200; i++)
        {
            await pool.AskAsync();
        }

        TimeSpan before = StatTime(pool.ProcessOf(0));
        TimeSpan worked = await CpuTimeAsync(pool);
        Assert.True(worked > idle, $"{worked} after 200 connections, {idle} before.");
        Assert.InRange(worked, before - Tick, StatTime(pool.ProcessOf(0)) + Tick + Tick); // one for user mode, one for the kernel
    }

    [Fact]
    public async Task What_waits_at_a_worker_that_does_not_accept_is_the_length_of_its_queue()
    {
        await using TestPool pool = await TestPool.StartAsync(options =>
        {
            options.WorkerCount = 1;
            options.Listen(TestPool.Endpoint, "127.0.0.1:0").Backlog = 100;
            options.Listen("second", "127.0.0.1:0");
        });
        await Machine.FreezeAsync(pool.ProcessOf(0));
        using ClientGroup waiting = await ClientGroup.AskAsync(pool, 3);
        PoolMeasurement measured = await pool.Master.MeasureAsync();

        Assert.Equal(
            [(0, TestPool.Endpoint, 3, Math.Min(100, AcceptQueue.LimitOf(100))), (0, "second", 0, AcceptQueue.LimitOf(ListenEndpoint.Parse("a", "127.0.0.1:0").Backlog))],
            measured.Queues.Select(queue => (queue.Slot!.Value, queue.Endpoint, queue.Length!.Value, queue.Limit!.Value)));
        Machine.Thaw(pool.ProcessOf(0));
        Assert.Equal(3, (await waiting.ReceiveAsync()).Length);
    }

    [Theory]
    [InlineData("/app.sock")]
    [InlineData(null)]
    public async Task The_queue_of_a_Unix_socket_is_one_for_all_slots(string? file)
    {
        string directory = Directory.CreateTempSubdirectory("pool-").FullName;
        await using TestPool pool = await TestPool.StartAsync(options =>
        {
            options.WorkerCount = 2;
            options.Listen(TestPool.Endpoint, file is null ? "unix:@" + directory : "unix:" + directory + file).Backlog = 100;
        });
        await Machine.FreezeAsync(pool.ProcessOf(0));
        await Machine.FreezeAsync(pool.ProcessOf(1));
        using ClientGroup waiting = await ClientGroup.AskAsync(pool, 3);
        QueueMeasurement queue = Assert.Single((await pool.Master.MeasureAsync()).Queues);
        Assert.Equal((null, TestPool.Endpoint, 3, 100), (queue.Slot, queue.Endpoint, queue.Length, queue.Limit));

        Machine.Thaw(pool.ProcessOf(0));
        Machine.Thaw(pool.ProcessOf(1));
        await waiting.ReceiveAsync();
        await pool.DisposeAsync();
        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public async Task The_queues_are_those_of_the_slots_that_the_pool_has()
    {
        await using TestPool pool = await TestPool.StartAsync(options => options.WorkerCount = 2);
        (await pool.Master.ScaleAsync(3)).EnsureDone();
        Assert.Equal([0, 1, 2], (await pool.Master.MeasureAsync()).Queues.Select(queue => queue.Slot!.Value));
        (await pool.Master.ScaleAsync(1)).EnsureDone();
        Assert.Equal([0], (await pool.Master.MeasureAsync()).Queues.Select(queue => queue.Slot!.Value));
    }

    [Fact]
    public async Task A_pool_can_be_measured_at_any_moment_of_its_workers_lives_and_after_its_own()
    {
        await using TestPool pool = await TestPool.StartAsync(options => options.WorkerCount = 2);
        using CancellationTokenSource enough = new();
        Task<int> measuring = Task.Run(async () =>
        {
            int count = 0;
            while (!enough.IsCancellationRequested)
            {
                PoolMeasurement measured = await pool.Master.MeasureAsync();
                Assert.All(measured.Workers, one => Assert.True(one.CpuTime is null || one.CpuTime > TimeSpan.Zero));
                count++;
                await Task.Delay(20); // the kernel walks through the memory of those that start meanwhile
            }

            return count;
        });
        for (int round = 0; round < 3; round++)
        {
            Machine.Kill(pool.ProcessOf(0));
            await pool.WaitForAsync(PoolEventKind.WorkerReady, 0);
            (await pool.Master.ReplaceAsync(1)).EnsureDone();
        }

        await enough.CancelAsync();
        Assert.True(await measuring > 0);
        (await pool.Master.StopAsync()).EnsureDone();
        Assert.Empty((await pool.Master.MeasureAsync()).Workers);
        await pool.Master.DisposeAsync();
        PoolMeasurement last = await pool.Master.MeasureAsync();
        Assert.Empty(last.Workers);
        Assert.All(last.Queues, queue => Assert.Null(queue.Length));
    }

    private static async Task<TimeSpan> CpuTimeAsync(TestPool pool) => (await pool.Master.MeasureAsync()).Workers.Single().CpuTime!.Value;

    /// <summary>utime and stime of proc_pid_stat(5).</summary>
    private static TimeSpan StatTime(int process)
    {
        string[] fields = File.ReadAllText($"/proc/{process}/stat").Split(") ")[^1].Split(' ');
        return Tick * (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture));
    }
}
