using System.Runtime.InteropServices;
using Tmds.Linux;
using WorkerPool.FunctionalTests.Support;
using Xunit;
using static Tmds.Linux.LibC;

namespace WorkerPool.FunctionalTests.Hosts;

[Collection("Pools")]
public partial class InterruptionTests
{
    [Fact]
    public async Task System_calls_that_signals_interrupt_all_the_time_make_nothing_fail()
    {
        await using TestPool pool = await TestPool.StartAsync(options => options.WorkerCount = 2);
        using SignalStorm storm = new();
        using CancellationTokenSource enough = new();
        Task<int>[] clients = [.. Enumerable.Range(0, 3).Select(_ => Task.Run(() => AskAsync(pool, enough.Token)))];
        for (int i = 0; i < 6; i++)
        {
            (await pool.Master.ReplaceAsync(i % 2, order: i % 4 < 2 ? ReplaceOrder.StartFirst : ReplaceOrder.StopFirst)).EnsureDone();
            Assert.Equal(0, kill(pool.ProcessOf(1), 0));
        }

        (await pool.Master.ScaleAsync(3)).EnsureDone();
        (await pool.Master.ScaleAsync(2)).EnsureDone();
        await enough.CancelAsync();
        Assert.All(await Task.WhenAll(clients), count => Assert.True(count > 10, $"Only {count} connections."));
        Assert.True(storm.Count > 1000, $"Only {storm.Count} signals.");
    }

    private static async Task<int> AskAsync(TestPool pool, CancellationToken enough)
    {
        int count = 0;
        while (!enough.IsCancellationRequested)
        {
            await pool.AskAsync();
            count++;
        }

        return count;
    }

    /// <summary>Interrupts every thread of this process again and again; its handler does not restart system calls.</summary>
    private sealed unsafe partial class SignalStorm : IDisposable
    {
        private readonly Thread _thread;
        private readonly sigaction _before;
        private volatile bool _enough;
        private int _count;

        public SignalStorm()
        {
            // A handler in managed code may not run just anywhere. abs(3) takes an int, does no harm, and is always there.
            sigaction handler = default;
            handler.sa_handler = (delegate* unmanaged<int, void>)NativeLibrary.GetExport(NativeLibrary.Load("libc.so.6"), "abs");
            sigaction before;
            Assert.Equal(0, sigaction(SIGUSR1, &handler, &before));
            _before = before;
            _thread = new Thread(Run) { IsBackground = true };
            _thread.Start();
        }

        public int Count => Volatile.Read(ref _count);

        public void Dispose()
        {
            _enough = true;
            _thread.Join();

            // What is on its way must not meet the default, which would end the process.
            sigaction ignore = default;
            ignore.sa_handler = SIG_IGN;
            Assert.Equal(0, sigaction(SIGUSR1, &ignore, null));
            sigaction before = _before;
            Assert.Equal(0, sigaction(SIGUSR1, &before, null));
        }

        private void Run()
        {
            int process = Environment.ProcessId;
            using Semaphore never = new(0, 1);
            while (!_enough)
            {
                foreach (string path in Directory.GetDirectories("/proc/self/task"))
                {
                    // A thread may have ended since.
                    _ = tgkill(process, int.Parse(Path.GetFileName(path)), SIGUSR1);
                    _count++;
                }

                // A pace, not a synchronisation: without it nothing else would run on two cores.
                never.WaitOne(TimeSpan.FromMilliseconds(1));
            }
        }

        [LibraryImport("libc")]
        private static partial int tgkill(int process, int thread, int signal);
    }
}
