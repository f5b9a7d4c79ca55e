using BenchmarkDotNet.Running;
using WorkerPool.Benchmarks.Accept;

// accept [connections per turn] [rounds] [clients]   CPU of a server for each connection that it accepts and closes
// (anything else)                                    micro benchmarks, see the options of BenchmarkDotNet
switch (args)
{
    case ["accept", .. string[] numbers]:
        return AcceptBenchmark.Run(numbers);
    case ["accept-server", string kind]:
        await AcceptServer.RunAsync(kind);
        return 0;
    default:
        BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
        return 0;
}
