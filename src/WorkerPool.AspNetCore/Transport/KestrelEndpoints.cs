using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;
using WorkerPool.AspNetCore.Connections;

namespace WorkerPool.AspNetCore.Transport;

/// <summary>Which of the pool's endpoints Kestrel serves, and how: those that the app set up, then the rest with defaults.</summary>
[SuppressMessage("Performance", "CA1812", Justification = "Made by the app's services.")]
internal sealed class KestrelEndpoints(Worker worker, WorkerWebOptions options, ConnectionMiddleware middleware)
    : IPostConfigureOptions<KestrelServerOptions>
{
    private readonly ConditionalWeakTable<KestrelServerOptions, Dictionary<string, ServedEndpoint>> _served = [];
    private KestrelServerOptions? _last;

    /// <summary>What is served, in the order of the pool; complete when the server has started.</summary>
    public IEnumerable<ServedEndpoint> Served =>
        from listener in worker.Listeners
        where _last is not null && _served.GetOrCreateValue(_last).ContainsKey(listener.Name)
        select _served.GetOrCreateValue(_last!)[listener.Name];

    /// <exception cref="ArgumentException">There is no such endpoint, or it is set up already.</exception>
    /// <exception cref="InvalidOperationException">HTTP/3 is wanted.</exception>
    public void Listen(KestrelServerOptions kestrel, string endpoint, Action<ListenOptions>? configure)
    {
        WorkerListener listener = worker.GetListener(endpoint);
        Dictionary<string, ServedEndpoint> served = _served.GetOrCreateValue(kestrel);
        if (served.ContainsKey(endpoint))
        {
            throw new ArgumentException($"Kestrel listens on endpoint \"{endpoint}\" already; set each endpoint up once.", nameof(endpoint));
        }

        kestrel.Listen(new WorkerEndPoint(listener), listen =>
        {
            middleware.AddOutermost(listen);
            configure?.Invoke(listen);
            RefuseHttp3(endpoint, listen.Protocols);
            ConnectionMiddleware.AddInnermost(listen);
            served.Add(endpoint, new ServedEndpoint(listener, IsTls(listen), listen.Protocols));
        });
    }

    public void PostConfigure(string? name, KestrelServerOptions kestrel)
    {
        _last = kestrel;
        IEnumerable<string> wanted = options.Endpoints ?? worker.Listeners.Select(listener => listener.Name);
        foreach (string endpoint in wanted.Except(_served.GetOrCreateValue(kestrel).Keys).ToArray())
        {
            Listen(kestrel, endpoint, configure: null);
        }
    }

    private static void RefuseHttp3(string endpoint, HttpProtocols protocols)
    {
        if (protocols.HasFlag(HttpProtocols.Http3))
        {
            throw new InvalidOperationException(
                $"Endpoint \"{endpoint}\" is set up for {protocols}. HTTP/3 runs over QUIC, which is UDP, and a pool has no UDP endpoints. "
                + $"Set Protocols to {nameof(HttpProtocols.Http1AndHttp2)}.");
        }
    }

    // Kestrel shows its addresses with their schemes; there is no other public sign of it.
    private static bool IsTls(ListenOptions listen) => listen.ToString()?.StartsWith("https:", StringComparison.Ordinal) == true;
}
