using System.Globalization;

namespace WorkerPool.WebBenchmarks.Load;

/// <summary>What clients do.</summary>
/// <param name="KeepAlive">Whether connections are kept; otherwise each request has its own.</param>
/// <param name="Connections">How many connections there are, at most.</param>
/// <param name="Rate">
/// Requests per second, at random moments that do not depend on the answers (open loop); 0: each connection sends the
/// next request as soon as it has the answer (closed loop).
/// </param>
internal sealed record Workload(bool KeepAlive, int Connections, double Rate)
{
    private const int DefaultOpenConnections = 1024;

    /// <summary>Reads <c>close:64</c>, <c>keep:64</c>, <c>close@2000</c>, <c>keep:64@8000</c>.</summary>
    public static Workload Parse(string text)
    {
        string[] parts = text.Split('@');
        string[] kind = parts[0].Split(':');
        double rate = parts.Length > 1 ? double.Parse(parts[1], CultureInfo.InvariantCulture) : 0;
        int connections = kind.Length > 1 ? int.Parse(kind[1], CultureInfo.InvariantCulture) : DefaultOpenConnections;
        return kind[0] switch
        {
            "close" => new Workload(false, connections, rate),
            "keep" => new Workload(true, connections, rate),
            _ => throw new FormatException($"\"{text}\" is no workload; write close:64, keep:64, close@2000 or keep:64@8000."),
        };
    }

    public override string ToString() =>
        $"{(KeepAlive ? "keep-alive" : "connection per request")}, "
        + (Rate > 0
            ? string.Create(CultureInfo.InvariantCulture, $"open loop, {Rate:0}/s")
            : string.Create(CultureInfo.InvariantCulture, $"closed loop, {Connections} clients"));
}
