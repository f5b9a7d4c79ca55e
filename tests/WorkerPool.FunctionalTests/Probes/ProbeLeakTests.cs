using WorkerPool.FunctionalTests.Processes;
using WorkerPool.FunctionalTests.Support;
using Xunit;

namespace WorkerPool.FunctionalTests.Probes;

[Collection(SerialTests.Name)]
public sealed class ProbeLeakTests
{
    private static readonly HealthProbe Healthy = HealthProbe.Tcp(TestPool.Endpoint, "x\n"u8.ToArray(), "0 1 "u8.ToArray());
    private static readonly HealthProbe Wrong = HealthProbe.Http(TestPool.Endpoint) with { Attempts = 1, Timeout = TimeSpan.FromMilliseconds(5) };

    [Theory]
    [InlineData("127.0.0.1:0")]
    [InlineData("unix:@workerpool-probe-leak-test")]
    public async Task Many_probes_leave_no_socket_here_nor_in_the_worker(string address)
    {
        await using LoneWorker worker = await LoneWorker.ReadyAsync(["serve"], address);
        await ProbeAsync(worker, 20);
        // The ends of the last connections may still be on their way: at most so many.
        int here = Sockets("self");
        int there = Sockets($"{worker.Process.ProcessId}");
        await ProbeAsync(worker, 300);
        await Machine.UntilAsync(() => Sockets("self") <= here, "no socket is left here");
        await Machine.UntilAsync(() => Sockets($"{worker.Process.ProcessId}") <= there, "no socket is left in the worker");
    }

    private static async Task ProbeAsync(LoneWorker worker, int count)
    {
        for (int i = 0; i < count; i++)
        {
            Assert.Null(await worker.ProbeAsync(Healthy));
            Assert.NotNull(await worker.ProbeAsync(Wrong));
        }
    }

    // Not every descriptor: the runtime opens assemblies when it needs them.
    private static int Sockets(string process) => Directory.GetFiles($"/proc/{process}/fd")
        .Count(file => new FileInfo(file).LinkTarget?.StartsWith("socket:", StringComparison.Ordinal) == true);
}
