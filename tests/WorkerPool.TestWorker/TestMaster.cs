using System.Runtime.InteropServices;

namespace WorkerPool.TestWorker;

/// <summary>
/// A pool in a process of its own, for tests of what happens to the master. Arguments: number of workers, listen address
/// of the endpoint "main", drain deadline in seconds, "drain" or "serve" for the loss of the master, then the workers'
/// arguments. Prints a line for each event; "up ADDRESS" when all are ready. SIGHUP replaces slot 0.
/// </summary>
internal static class TestMaster
{
    public static Task<int> RunAsync(string[] args)
    {
        return Pool.RunAsync(
            pool =>
            {
                pool.WorkerCount = int.Parse(args[0], System.Globalization.CultureInfo.InvariantCulture);
                pool.Listen("main", args[1]);
                pool.DrainDeadline = TimeSpan.FromSeconds(double.Parse(args[2], System.Globalization.CultureInfo.InvariantCulture));
                pool.OnMasterLoss = args[3] == "serve" ? MasterLoss.Serve : MasterLoss.Drain;
                pool.Release = Release.Current("test", args[4..]);
                Console.WriteLine("configured");
            },
            _ => throw new InvalidOperationException("This is the master."),
            ManageAsync);
    }

    private static async Task ManageAsync(Master master, CancellationToken stopping)
    {
        IAsyncEnumerable<PoolEvent> events = master.ReadEventsAsync(CancellationToken.None);
        using PosixSignalRegistration replace = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
        {
            context.Cancel = true;
            _ = Task.Run(async () => Console.WriteLine($"replaced: {(await master.ReplaceAsync(0, cancellationToken: stopping)).Message}"), stopping);
        });
        Console.WriteLine($"up {master.GetEndPoint("main")}");
        await foreach (PoolEvent poolEvent in events)
        {
            Console.WriteLine($"{poolEvent.Kind} {poolEvent.Slot} {poolEvent.ProcessId} {poolEvent.Message}");
        }
    }
}
