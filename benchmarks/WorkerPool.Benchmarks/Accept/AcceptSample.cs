namespace WorkerPool.Benchmarks.Accept;

/// <summary>One turn of one server, per connection.</summary>
/// <param name="Cpu">µs of the server's CPU, all threads, user and system.</param>
/// <param name="Elapsed">µs of the clock.</param>
/// <param name="Sleeps">How often a thread of the server went to sleep: few mean that it finds many connections at once.</param>
internal readonly record struct AcceptSample(double Cpu, double Elapsed, double Sleeps);

/// <summary>One turn of each server.</summary>
/// <param name="Of">By the name of the server.</param>
/// <param name="ForeignLoad">What part of the machine's CPU others took meanwhile, 0 to 1.</param>
internal sealed record AcceptRound(IReadOnlyDictionary<string, AcceptSample> Of, double ForeignLoad);
