using BenchmarkDotNet.Running;
using WorkerPool.Benchmarks.Accept;
using WorkerPool.Benchmarks.Replace;
using WorkerPool.Benchmarks.Telemetry;

// accept [connections per turn] [rounds] [clients]   CPU of a server for each connection that it accepts and closes
// roll [slots ...]                                  the library's part of a rollout over many slots
// telemetry [connections per turn] [rounds]          what metrics cost, for each connection, collection, event
// (anything else)                                    micro benchmarks, see the options of BenchmarkDotNet
switch (args)
{
    case ["accept", .. string[] numbers]:
        return AcceptBenchmark.Run(numbers);
    case ["roll", .. string[] numbers]:
        return await RollBenchmark.RunAsync(numbers);
    case ["telemetry", .. string[] numbers]:
        return await TelemetryBenchmark.RunAsync(numbers);
    case [TelemetryBenchmark.Worker]:
        return await TelemetryBenchmark.RunWorkerAsync();
    case ["accept-server", string kind]:
        await AcceptServer.RunAsync(kind);
        return 0;
    default:
        BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
        return 0;
}
