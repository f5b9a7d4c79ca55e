using System.Runtime.InteropServices;

namespace WorkerPool.TestWorker;

/// <summary>Workers that live and serve nobody, from SIGUSR2 on.</summary>
internal static class HungWorker
{
    private const PosixSignal SIGUSR2 = (PosixSignal)12;

    // Far more than the pool adds threads for in the time of a test: about two a second.
    private const int Blocked = 1000;

    /// <summary>Every thread of the pool waits for something that does not come, and more of that kind is in its queue.</summary>
    public static async Task ExhaustThreadPoolAsync(Worker worker)
    {
        using PosixSignalRegistration signal = On(SIGUSR2, () => Occupy(static () => Thread.Sleep(Timeout.Infinite)));
        await LineServer.ServeAsync(worker);
    }

    /// <summary>Every thread of the pool is in an endless loop, and the accept loop gets none.</summary>
    public static async Task SpinAsync(Worker worker)
    {
        using PosixSignalRegistration signal = On(SIGUSR2, () => Occupy(Spin));
        await LineServer.ServeAsync(worker);
    }

    /// <summary>Does so by itself, soon after it was ready.</summary>
    public static async Task ExhaustThreadPoolAsync(Worker worker, int milliseconds)
    {
        Task serving = LineServer.ServeAsync(worker);
        await Task.Delay(milliseconds);
        Occupy(static () => Thread.Sleep(Timeout.Infinite));
        await serving;
    }

    private static PosixSignalRegistration On(PosixSignal signal, Action act) => PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = true;
        act();
    });

    private static void Occupy(Action act)
    {
        for (int i = 0; i < Blocked; i++)
        {
            ThreadPool.UnsafeQueueUserWorkItem(_ => act(), null);
        }
    }

    private static void Spin()
    {
        while (true)
        {
            Thread.SpinWait(1000);
        }
    }
}
