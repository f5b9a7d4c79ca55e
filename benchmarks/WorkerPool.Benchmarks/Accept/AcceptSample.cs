namespace WorkerPool.Benchmarks.Accept;

/// <summary>One turn of one server, per connection.</summary>
/// <param name="Cpu">µs of the server's CPU, all threads, user and system.</param>
/// <param name="Elapsed">µs of the clock.</param>
/// <param name="Sleeps">How often a thread of the server went to sleep: few mean that it finds many connections at once.</param>
internal readonly record struct AcceptSample(double Cpu, double Elapsed, double Sleeps);
