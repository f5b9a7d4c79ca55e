using WorkerPool.WebBenchmarks.Compare;
using WorkerPool.WebBenchmarks.Load;
using WorkerPool.WebBenchmarks.Rollouts;
using WorkerPool.WebBenchmarks.Servers;
using WorkerPool.WebBenchmarks.StartUp;

// compare [--rounds N] [--seconds S] [--warm-up S] --load WORKLOAD ... SERVER ...
//     throughput, CPU and latency of servers; the first one is the baseline.
//     WORKLOAD: close:64 | keep:64 (closed loop, with that many clients), close@2000 | keep:64@8000 (open loop, so many a second)
//     SERVER:   [NAME=]KIND:PROCESSES[,VARIABLE=VALUE ...], where KIND is plain (Kestrel as it is) or pool (in workers)
// start [--rounds N] [--workers N ...] NAME=COMMAND ...
//     time from the start of a worker to ready and to the first answer, and memory of so many workers, for programs that are
//     workers of this library, such as HelloWeb published in several ways
// rollouts [--rollouts N] [--processes N] [--rate N] [--keep-alive N] [--seldom N] [--http2 N] [--web-sockets N] [--drain SECONDS] pool|plain=COMMAND
//     what clients of every kind experience while all processes are replaced, again and again; COMMAND runs HelloWeb
switch (args)
{
    case ["compare", .. string[] options]:
        return CompareBenchmark.Run(CompareOptions.Parse(options));
    case ["start", .. string[] options]:
        return await StartUpBenchmark.RunAsync(StartUpOptions.Parse(options));
    case ["rollouts", .. string[] options]:
        return await RolloutBenchmark.RunAsync(RolloutOptions.Parse(options));
    case [LoadRole.Name]:
        return LoadRole.Run();
    case [PlainServer.Role, .. string[] options]:
        return await PlainServer.RunAsync(options);
    case [PoolRole.Name, .. string[] options]:
        return await PoolRole.RunAsync(options);
    default:
        Console.Error.WriteLine("The first argument is \"compare\", \"start\" or \"rollouts\"; see Program.cs.");
        return 2;
}
