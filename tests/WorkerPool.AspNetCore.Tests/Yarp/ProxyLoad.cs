using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using WorkerPool.AspNetCore.Tests.Support;

namespace WorkerPool.AspNetCore.Tests.Yarp;

/// <summary>Clients that ask through the proxy all the time, half of them over one connection each, half over a new one for each request.</summary>
internal sealed class ProxyLoad : IAsyncDisposable
{
    private const int Clients = 4;

    // Enough to have a request in flight at any moment, and not to take the processors from workers that start.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly ConcurrentQueue<string> _failures = new();
    private readonly ConcurrentDictionary<string, bool> _servers = new();
    private readonly Task _running;
    private volatile string _lastBody = "";
    private volatile bool _stopping;
    private long _count;

    public ProxyLoad(IPEndPoint proxy) =>
        _running = Task.WhenAll(Enumerable.Range(0, Clients).Select(i => Task.Run(() => AskAllTheTimeAsync(proxy, keepAlive: i % 2 == 0))));

    public long Count => Interlocked.Read(ref _count);

    /// <summary>The process numbers of those who have answered.</summary>
    public ICollection<string> Servers => _servers.Keys;

    /// <summary>Ends when an answer has come from that upstream.</summary>
    public async Task AnsweredByAsync(string upstream)
    {
        using CancellationTokenSource deadline = new(Patience);
        long before = Count;
        while (!_lastBody.Contains(upstream, StringComparison.Ordinal) || Count == before)
        {
            await Task.Delay(10, deadline.Token);
        }
    }

    /// <summary>How requests failed.</summary>
    public async Task<IReadOnlyCollection<string>> StopAsync()
    {
        _stopping = true;
        await _running;
        return _failures;
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    private async Task AskAllTheTimeAsync(IPEndPoint proxy, bool keepAlive)
    {
        RawClient? client = null;
        for (; !_stopping; await Task.Delay(Pause))
        {
            try
            {
                client ??= await ConnectAsync(proxy);
                await client.SendAsync($"GET /path HTTP/1.1\r\nHost: test\r\n{(keepAlive ? "" : "Connection: close\r\n")}\r\n");
                if (!Note(await client.ReceiveAsync()) || !keepAlive)
                {
                    client.Dispose();
                    client = null;
                }
            }
            catch (Exception e) when (e is IOException or SocketException or TimeoutException)
            {
                _failures.Enqueue($"request {Count}, {(keepAlive ? "kept" : "new")} connection: {e.GetType().Name}: {e.Message}");
                client?.Dispose();
                client = null;
            }
        }

        client?.Dispose();
    }

    private static async Task<RawClient> ConnectAsync(IPEndPoint proxy)
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(proxy);
        return new RawClient(socket);
    }

    /// <summary>Whether the connection may be used again.</summary>
    private bool Note(string answer)
    {
        string[] parts = answer.Split("\r\n\r\n", 2);
        if (!parts[0].StartsWith("HTTP/1.1 200 ", StringComparison.Ordinal))
        {
            throw new IOException($"The answer is not 200: {answer}");
        }

        _servers[Header(parts[0], "x-proxy-worker")] = true;
        _lastBody = parts[1];
        Interlocked.Increment(ref _count);
        return Header(parts[0], "Connection") != "close";
    }

    private static string Header(string head, string name) => head.Split("\r\n")
        .Where(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))
        .Select(line => line[(name.Length + 1)..].Trim())
        .FirstOrDefault("");
}
