using System.Net.Sockets;
using WorkerPool;

namespace TcpProxy;

/// <summary>A worker of the proxy: accepts clients and relays each to the upstream.</summary>
internal sealed class ProxyWorker(ProxyOptions options)
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);

    private readonly OccasionalLog _log = new(TimeSpan.FromSeconds(1));

    public async Task ServeAsync(Worker worker)
    {
        Ballast.Take(options.BallastMegabytes);
        await Task.Delay(options.StartDelay);
        await worker.ReadyAsync();
        await Task.WhenAll(worker.Listeners.Select(listener => AcceptAsync(listener, worker.Stopping)));
    }

    private async Task AcceptAsync(WorkerListener listener, CancellationToken stopping)
    {
        await foreach (SocketConnection client in listener.AcceptAllConnectionsAsync(CancellationToken.None))
        {
            _ = ServeAsync(client, stopping);
        }
    }

    private async Task ServeAsync(SocketConnection client, CancellationToken stopping)
    {
        await using (client)
        {
            try
            {
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
        return await options.Upstream.ConnectAsync(timeout.Token);
    }
}
