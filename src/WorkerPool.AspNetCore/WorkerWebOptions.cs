namespace WorkerPool.AspNetCore;

/// <summary>How a web app starts and drains as a worker. Read when the host is built; not thread-safe before.</summary>
public sealed class WorkerWebOptions
{
    /// <summary>
    /// The names of the pool's endpoints that Kestrel serves. Default: <see langword="null"/>, all of them. Name them if the
    /// worker serves others itself, through <see cref="WorkerListener.AcceptAllAsync"/>.
    /// </summary>
    public IReadOnlyCollection<string>? Endpoints { get; set; }

    /// <summary>
    /// Whether the app may also listen on addresses that are not the pool's, such as a port for metrics, by
    /// <c>kestrel.Listen…</c> or <c>Kestrel:Endpoints</c> in its configuration. Default false: that is an error, because a
    /// second worker could not listen there. <c>ASPNETCORE_URLS</c>, <c>--urls</c> and the like never count; Kestrel
    /// warns that it overrides them.
    /// </summary>
    public bool AllowOtherAddresses { get; set; }

    /// <summary>
    /// The tag of those of the app's health checks that must be healthy before the worker is ready; a degraded one will do.
    /// Default <c>"ready"</c>. <see langword="null"/>: none. Without such checks there is nothing to wait for.
    /// </summary>
    public string? ReadinessTag { get; set; } = "ready";

    /// <summary>
    /// How long the health checks may take to get healthy; they are asked again and again until then. Default 20 s, more than
    /// 0; set it below <see cref="PoolOptions.StartDeadline"/>, so that the verdict says which check it was.
    /// </summary>
    public TimeSpan ReadinessTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>
    /// Paths of the app that are asked for, by GET, before the worker is ready, so that clients meet code that has run:
    /// on each endpoint of Kestrel, over a connection that the worker makes with itself. An answer of 400 or above fails the start.
    /// Default: none.
    /// </summary>
    public IList<string> WarmUpPaths { get; } = [];

    /// <summary>How often each of <see cref="WarmUpPaths"/> is asked for on each endpoint. Default 10; 1 or more.</summary>
    public int WarmUpRounds { get; set; } = 10;

    /// <summary>
    /// What else is to be done before the worker is ready; after <see cref="WarmUpPaths"/>. If it fails, so does the start, with its
    /// message in the verdict. Its token fires when the worker has to go. Default: nothing.
    /// </summary>
    public Func<WarmUpContext, CancellationToken, Task>? WarmUp { get; set; }

    /// <summary>
    /// The <c>Host</c> header of the warm-up's requests, for apps that look at it. Default <c>"localhost"</c>.
    /// </summary>
    public string WarmUpHost { get; set; } = "localhost";

    /// <summary>
    /// Whether idle keep-alive connections of HTTP/1.1 without TLS go to another worker of the pool when this one drains, and whether this
    /// one takes those of others: their clients notice nothing. Default true. Set it to false if the app ties something
    /// to a connection that it does not keep in <c>ConnectionContext.Items</c>, which keep a connection where it is.
    /// </summary>
    public bool HandOverIdleConnections { get; set; } = true;

    /// <summary>
    /// Over how long idle keep-alive connections are closed when the worker drains, evenly, those first that have been silent the
    /// longest. One that speaks before its turn is answered, and told <c>Connection: close</c>. HTTP/2 connections are told to go
    /// away (GOAWAY) over the same time. Default 5 s; 0 or more, 0 closes all at once.
    /// </summary>
    public TimeSpan IdleCloseTime { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long an HTTP/1.1 connection must have been silent before it is closed as idle. Default 1 s; 0 or more. The
    /// client of a connection that is in use will speak first, and be told.
    /// </summary>
    public TimeSpan MinimumSilence { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long a connection on which no request has come yet, or only a part of one, is waited for when the worker drains.
    /// Default 10 s; 0 or more.
    /// </summary>
    public TimeSpan FirstRequestTime { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long a connection that was closed as idle is kept for its client to close it too, so that a request that was under
    /// way meets an orderly end and not a reset. Default 2 s; 0 or more.
    /// </summary>
    public TimeSpan LingerTime { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// When the time to drain is over, <c>ApplicationStopping</c> fires, and what still runs has this long to end by itself: to
    /// close WebSockets, for instance. Then requests are aborted (<c>HttpContext.RequestAborted</c>). Default 4 s; more than 0,
    /// and less than <see cref="PoolOptions.StopGrace"/>, which the master grants in all.
    /// </summary>
    public TimeSpan StopTimeout { get; set; } = TimeSpan.FromSeconds(4);

    /// <exception cref="ArgumentException">A value is out of range.</exception>
    internal void Validate()
    {
        Positive(ReadinessTimeout, nameof(ReadinessTimeout));
        Positive(StopTimeout, nameof(StopTimeout));
        NotNegative(IdleCloseTime, nameof(IdleCloseTime));
        NotNegative(MinimumSilence, nameof(MinimumSilence));
        NotNegative(FirstRequestTime, nameof(FirstRequestTime));
        NotNegative(LingerTime, nameof(LingerTime));
        if (WarmUpRounds < 1)
        {
            throw Wrong(nameof(WarmUpRounds), WarmUpRounds, "1 or more");
        }

        foreach (string path in WarmUpPaths)
        {
            if (!path.StartsWith('/'))
            {
                throw Wrong(nameof(WarmUpPaths), $"\"{path}\"", "paths that begin with a slash");
            }
        }

        if (string.IsNullOrEmpty(WarmUpHost))
        {
            throw Wrong(nameof(WarmUpHost), "empty", "a host name");
        }
    }

    private static void Positive(TimeSpan value, string name)
    {
        if (value <= TimeSpan.Zero)
        {
            throw Wrong(name, value, "more than 0");
        }
    }

    private static void NotNegative(TimeSpan value, string name)
    {
        if (value < TimeSpan.Zero)
        {
            throw Wrong(name, value, "0 or more");
        }
    }

    private static ArgumentException Wrong(string name, object value, string expected) =>
        new($"{nameof(WorkerWebOptions)}.{name} is {value}; it must be {expected}.");
}
