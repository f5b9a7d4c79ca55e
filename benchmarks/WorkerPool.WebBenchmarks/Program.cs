using WorkerPool.WebBenchmarks.Compare;
using WorkerPool.WebBenchmarks.Load;
using WorkerPool.WebBenchmarks.Servers;

// compare [--rounds N] [--seconds S] [--warm-up S] --load WORKLOAD ... SERVER ...
//     throughput, CPU and latency of servers; the first one is the baseline.
//     WORKLOAD: close:64 | keep:64 (closed loop, with that many clients), close@2000 | keep:64@8000 (open loop, so many a second)
//     SERVER:   [NAME=]KIND:PROCESSES[,VARIABLE=VALUE ...], where KIND is plain
switch (args)
{
    case ["compare", .. string[] options]:
        return CompareBenchmark.Run(CompareOptions.Parse(options));
    case [LoadRole.Name]:
        return LoadRole.Run();
    case [PlainServer.Role, .. string[] options]:
        return await PlainServer.RunAsync(options);
    default:
        Console.Error.WriteLine("The first argument is \"compare\"; see Program.cs.");
        return 2;
}
