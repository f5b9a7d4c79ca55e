using System.Diagnostics.CodeAnalysis;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using WorkerPool.AspNetCore.Drain;

namespace WorkerPool.AspNetCore.Transport;

/// <summary>Kestrel's way to our listeners. Kestrel asks the factory that was registered last first.</summary>
[SuppressMessage("Performance", "CA1812", Justification = "Made by the app's services.")]
internal sealed class WorkerTransportFactory(
    IOptions<SocketTransportOptions> transport, HandOver handOver, WorkerWebOptions options, ILoggerFactory loggers) : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    // Kestrel's own transport logs there, and people filter by it.
    private const string LogCategory = "Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets";

    /// <summary>Every address: those that are not the pool's are refused with a reason.</summary>
    public bool CanBind(EndPoint endpoint) => endpoint is WorkerEndPoint || !options.AllowOtherAddresses;

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        if (endpoint is not WorkerEndPoint worker)
        {
            throw new InvalidOperationException(
                $"The app listens on {endpoint} by itself. A second worker could not: in a pool the master owns the addresses. "
                + "Remove it from Kestrel:Endpoints or from the code that calls Listen, add it to the pool's endpoints (pool.Listen) "
                + $"and set it up with kestrel.ListenWorker; or set {nameof(WorkerWebOptions)}.{nameof(WorkerWebOptions.AllowOtherAddresses)}.");
        }

        return ValueTask.FromResult<IConnectionListener>(
            new WorkerConnectionListener(worker.Listener, CreateConnections(), handOver, loggers.CreateLogger(LogCategory)));
    }

    private SocketConnectionContextFactory CreateConnections()
    {
        SocketTransportOptions chosen = transport.Value;
        return new SocketConnectionContextFactory(
            new SocketConnectionFactoryOptions
            {
                IOQueueCount = chosen.IOQueueCount,
                WaitForDataBeforeAllocatingBuffer = chosen.WaitForDataBeforeAllocatingBuffer,
                MaxReadBufferSize = chosen.MaxReadBufferSize,
                MaxWriteBufferSize = chosen.MaxWriteBufferSize,
                UnsafePreferInlineScheduling = chosen.UnsafePreferInlineScheduling,
            },
            loggers.CreateLogger(LogCategory));
    }
}
