using BenchmarkDotNet.Running;
using WorkerPool.Benchmarks.Accept;
using WorkerPool.Benchmarks.Replace;

// accept [connections per turn] [rounds] [clients]   CPU of a server for each connection that it accepts and closes
// roll [slots ...]                                  the library's part of a rollout over many slots
// (anything else)                                    micro benchmarks, see the options of BenchmarkDotNet
switch (args)
{
    case ["accept", .. string[] numbers]:
        return AcceptBenchmark.Run(numbers);
    case ["roll", .. string[] numbers]:
        return await RollBenchmark.RunAsync(numbers);
    case ["accept-server", string kind]:
        await AcceptServer.RunAsync(kind);
        return 0;
    default:
        BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
        return 0;
}
