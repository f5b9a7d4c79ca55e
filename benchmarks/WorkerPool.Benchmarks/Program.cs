using BenchmarkDotNet.Running;
using WorkerPool.Benchmarks.Accept;
using WorkerPool.Benchmarks.Load;
using WorkerPool.Benchmarks.Replace;
using WorkerPool.Benchmarks.Steering;
using WorkerPool.Benchmarks.Telemetry;

// accept [connections per turn] [rounds] [clients]   CPU of a server for each connection that it accepts and closes
// roll [slots ...]                                  the library's part of a rollout over many slots
// rollout [workers] [rollouts] [parallelism] [variant ...]   what clients notice of rollouts
// balance                                            what a worker that stalls now and then does to the others' clients
// canary [connections]                               the share of a canary of 1 %
// starts [workers]                                   many workers that die at once, by how many may start at a time
// attach                                             what a change of the steering table costs
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
    case ["rollout", .. string[] rest]:
        return await RolloutBenchmark.RunAsync(rest);
    case ["balance"]:
        return await BalanceBenchmark.RunAsync();
    case ["canary", .. string[] numbers]:
        return await CanaryBenchmark.RunAsync(numbers);
    case ["starts", .. string[] numbers]:
        return await StartsBenchmark.RunAsync(numbers);
    case ["attach"]:
        return await AttachBenchmark.RunAsync();
    case [LoadWorker.Role, .. string[] numbers]:
        return await LoadWorker.RunAsync(numbers);
    case ["accept-server", string kind]:
        await AcceptServer.RunAsync(kind);
        return 0;
    default:
        BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
        return 0;
}
