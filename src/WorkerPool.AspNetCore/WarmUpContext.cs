using WorkerPool.AspNetCore.Start;

namespace WorkerPool.AspNetCore;

/// <summary>What a warm-up works with; see <see cref="WorkerWebOptions.WarmUp"/>. Thread-safe.</summary>
public sealed class WarmUpContext
{
    private readonly SelfClients _clients;

    internal WarmUpContext(IServiceProvider services, SelfClients clients)
    {
        Services = services;
        _clients = clients;
    }

    /// <summary>The app's services.</summary>
    public IServiceProvider Services { get; }

    /// <summary>
    /// A client of this worker itself, whichever host its requests name: its connections come out of the endpoint's own
    /// listener, with TLS where the endpoint has it. It has a base address, so ask for paths.
    /// </summary>
    /// <param name="endpoint">The name of one of the pool's endpoints that Kestrel serves. Default: the first of them.</param>
    /// <returns>The client, the caller's to dispose.</returns>
    /// <exception cref="ArgumentException">Kestrel serves no such endpoint.</exception>
    public HttpClient CreateClient(string? endpoint = null) => _clients.Create(endpoint);
}
