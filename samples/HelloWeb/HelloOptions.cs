using Samples;
using WorkerPool;

namespace HelloWeb;

/// <summary>What the server does. Master and workers read the same command line.</summary>
internal sealed record HelloOptions
{
    /// <summary>Where it listens for HTTP/1.1, in the notation of <see cref="ListenEndpoint.Parse"/>.</summary>
    public required IReadOnlyList<string> Listen { get; init; }

    /// <summary>Where it listens for HTTPS (HTTP/1.1 and HTTP/2), with a certificate that each worker makes for itself.</summary>
    public required IReadOnlyList<string> ListenHttps { get; init; }

    /// <summary>Where it listens for HTTP/2 without TLS.</summary>
    public required IReadOnlyList<string> ListenHttp2 { get; init; }

    /// <summary>All of them, with the names that they have in the pool, which begin with what they speak.</summary>
    public IEnumerable<(string Name, string Address)> Endpoints =>
    [
        .. Listen.Select((address, i) => ($"http{i}", address)),
        .. ListenHttps.Select((address, i) => ($"{HelloWorker.Https}{i}", address)),
        .. ListenHttp2.Select((address, i) => ($"{HelloWorker.Http2}{i}", address)),
    ];

    public required PoolSettings Pool { get; init; }

    /// <summary>Memory that each worker holds beside what it needs, in units of 2^20 bytes.</summary>
    public required int BallastMegabytes { get; init; }

    /// <summary>The size of the answer to <c>/</c>; null: a greeting.</summary>
    public required int? ResponseBytes { get; init; }

    /// <summary>What the answer to <c>/</c> waits for.</summary>
    public required TimeSpan Delay { get; init; }

    /// <summary>What a worker waits before it is ready.</summary>
    public required TimeSpan StartDelay { get; init; }

    /// <summary>How often a worker asks itself for <c>/</c> on each endpoint before it is ready.</summary>
    public required int WarmUpRounds { get; init; }

    /// <summary>See <c>WorkerWebOptions.IdleCloseTime</c>.</summary>
    public required TimeSpan IdleCloseTime { get; init; }

    /// <summary>No pool but one process of Kestrel alone, to compare with.</summary>
    public required bool IsPlain { get; init; }
}
