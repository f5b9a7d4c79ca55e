namespace WorkerPool.WebBenchmarks.Load;

/// <summary>One turn: what the load generator is told, as a line of JSON.</summary>
internal sealed record LoadOrder(int Port, Workload Workload, double Seconds, int Seed);
