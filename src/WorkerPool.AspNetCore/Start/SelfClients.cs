using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using WorkerPool.AspNetCore.Transport;

namespace WorkerPool.AspNetCore.Start;

/// <summary>HTTP clients whose connections go to this worker itself, through all that a client's connection goes through.</summary>
[SuppressMessage("Performance", "CA1812", Justification = "Made by the app's services.")]
internal sealed class SelfClients(KestrelEndpoints endpoints, WorkerWebOptions options)
{
    /// <summary>What the requests call themselves, for those who read access logs.</summary>
    private const string UserAgent = "WorkerPool-WarmUp";

    public IEnumerable<string> Endpoints => endpoints.Served.Select(served => served.Listener.Name);

    /// <exception cref="ArgumentException">Kestrel serves no such endpoint.</exception>
    public HttpClient Create(string? endpoint)
    {
        ServedEndpoint served = endpoints.Served.FirstOrDefault(served => endpoint is null || served.Listener.Name == endpoint)
            ?? throw new ArgumentException($"Kestrel serves no endpoint \"{endpoint}\"; it serves: {string.Join(", ", Endpoints)}.", nameof(endpoint));
        SocketsHttpHandler handler = new()
        {
            ConnectCallback = async (_, cancellationToken) =>
                new NetworkStream(await served.Listener.ConnectToSelfAsync(cancellationToken), ownsSocket: true),
            AllowAutoRedirect = false,
            UseProxy = false,
            SslOptions = new SslClientAuthenticationOptions
            {
#pragma warning disable CA5359 // This process talks to itself over a connection of its own making: the certificate is ours.
                RemoteCertificateValidationCallback = static (_, _, _, _) => true,
#pragma warning restore CA5359
            },
        };
        bool onlyHttp2 = served.Protocols == HttpProtocols.Http2;
        HttpClient client = new(handler, disposeHandler: true)
        {
            BaseAddress = new Uri($"{(served.IsTls ? "https" : "http")}://{options.WarmUpHost}"),
            DefaultRequestVersion = served.IsTls || onlyHttp2 ? HttpVersion.Version20 : HttpVersion.Version11,
            DefaultVersionPolicy = onlyHttp2 ? HttpVersionPolicy.RequestVersionExact : HttpVersionPolicy.RequestVersionOrLower,
        };
        client.DefaultRequestHeaders.UserAgent.ParseAdd(UserAgent);
        return client;
    }
}
