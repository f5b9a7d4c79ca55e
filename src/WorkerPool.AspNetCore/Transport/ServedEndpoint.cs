using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace WorkerPool.AspNetCore.Transport;

/// <summary>An endpoint of the pool that Kestrel serves.</summary>
internal sealed record ServedEndpoint(WorkerListener Listener, bool IsTls, HttpProtocols Protocols);
