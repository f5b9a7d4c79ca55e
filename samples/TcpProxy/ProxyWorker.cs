using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;
using Samples;
using WorkerPool;

namespace TcpProxy;

/// <summary>A worker of the proxy: accepts clients and relays each to the upstream.</summary>
[SuppressMessage("Design", "CA1001", Justification = "A semaphore that nobody waits for with a handle has none.")]
internal sealed class ProxyWorker(ProxyOptions options)
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);

    // A worker that takes over a long queue must not open hundreds of connections to the upstream at once. What it does
    // not ask for stays in the queue, where it costs no memory.
    private const int MaxConnecting = 64;

    private readonly SemaphoreSlim _connecting = new(MaxConnecting);
    private readonly OccasionalLog _log = new(TimeSpan.FromSeconds(1));
    private volatile UpstreamAddress _upstream = options.Upstream;

    public async Task ServeAsync(Worker worker)
    {
        Ballast.Take(options.BallastMegabytes);
        await Task.Delay(options.StartDelay);
        await options.Fault.BeforeReadyAsync();
        Task accepting = Task.WhenAll(worker.Listeners.Select(listener => AcceptAsync(listener, worker.Stopping)));
        await worker.ReadyAsync(WarmUpAsync);
        await accepting;
    }

    private async Task WarmUpAsync(Worker worker, CancellationToken cancellationToken)
    {
        if (options.WarmUpConnections > 0)
        {
            using WarmUp warmUp = new();
            _upstream = warmUp.Upstream; // no client comes in before this has ended
            await warmUp.RunAsync(worker.Listeners, options.WarmUpConnections, cancellationToken);
            _upstream = options.Upstream;
        }

        options.Fault.Begin();
    }

    private async Task AcceptAsync(WorkerListener listener, CancellationToken stopping)
    {
        await foreach (SocketConnection client in listener.AcceptAllConnectionsAsync(CancellationToken.None))
        {
            await _connecting.WaitAsync(CancellationToken.None);
            _ = ServeAsync(client, stopping);
        }
    }

    private async Task ServeAsync(SocketConnection client, CancellationToken stopping)
    {
        await using (client)
        {
            try
            {
                await options.Fault.BeforeServeAsync(stopping);
                await RelayAsync(client, stopping);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                client.Abort();
            }
            catch (Exception exception) when (exception is SocketException or OperationCanceledException)
            {
                client.Abort();
                string why = exception is SocketException
                    ? exception.Message.TrimEnd('.')
                    : $"no answer in {ConnectTimeout.TotalSeconds} s";
                _log.Write($"no connection to upstream {options.Upstream}: {why}. The client was reset.");
            }
        }
    }

    private async Task RelayAsync(SocketConnection client, CancellationToken stopping)
    {
        await using SocketConnection upstream = new(await ConnectAsync(stopping));
        await Relay.RunAsync(client, upstream, stopping);
    }

    private async Task<Socket> ConnectAsync(CancellationToken stopping)
    {
        using CancellationTokenSource timeout = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        timeout.CancelAfter(ConnectTimeout);
        try
        {
            return await _upstream.ConnectAsync(timeout.Token);
        }
        finally
        {
            _connecting.Release();
        }
    }
}
