using System.Diagnostics;
using System.Net;
using System.Net.WebSockets;
using System.Text;

namespace WorkerPool.WebBenchmarks.Rollouts;

/// <summary>
/// Clients of five kinds, each of which counts every failure and tries nothing again: a connection for each request, in an
/// open loop; keep-alive connections with a request in flight all the time; keep-alive connections that POST now and then; HTTP/2; WebSockets.
/// </summary>
internal sealed class RolloutLoad(IPEndPoint http, IPEndPoint http2, RolloutOptions options) : IDisposable
{
    private static readonly byte[] Single = Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    private static readonly byte[] Slow = Encoding.ASCII.GetBytes("GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n");
    private static readonly byte[] Post = Encoding.ASCII.GetBytes("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello");
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan EchoPeriod = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource _ending = new();
    private readonly List<Task> _running = [];

    public Tally Requests { get; } = new("connection per request");

    public Tally InFlight { get; } = new("keep-alive, in flight");

    public Tally Seldom { get; } = new("keep-alive, now and then (POST)");

    public Tally Streams { get; } = new("HTTP/2");

    public Tally WebSockets { get; } = new("WebSocket");

    public IReadOnlyList<Tally> All => [Requests, InFlight, Seldom, Streams, WebSockets];

    public void Start()
    {
        _running.Add(ComeAsync());
        Repeat(options.KeepAlive, _ => KeepAliveAsync(InFlight, Slow, static _ => TimeSpan.Zero));
        Repeat(options.Seldom, _ => KeepAliveAsync(Seldom, Post, static random => TimeSpan.FromSeconds(random.NextDouble() * 4)));
        HttpClient client = CreateHttp2();
        Repeat(options.Http2, number => StreamAsync(client, number));
        Repeat(options.WebSockets, _ => EchoAsync());
    }

    public void Enter(string phase)
    {
        foreach (Tally tally in All)
        {
            tally.Phase = phase;
        }
    }

    public async Task EndAsync()
    {
        await _ending.CancelAsync();
        await Task.WhenAll(_running);
    }

    public void Dispose() => _ending.Dispose();

    private void Repeat(int count, Func<int, Task> run)
    {
        for (int i = 0; i < count; i++)
        {
            int number = i;
            _running.Add(Task.Run(() => run(number)));
        }
    }

    private async Task ComeAsync()
    {
        List<Task> running = [];
        long start = Stopwatch.GetTimestamp();
        long count = 0;
        using PeriodicTimer timer = new(Tick);
        while (!_ending.IsCancellationRequested)
        {
            for (double due = count / options.Rate; due <= Stopwatch.GetElapsedTime(start).TotalSeconds; due = ++count / options.Rate)
            {
                long scheduled = start + (long)(due * Stopwatch.Frequency);
                running.Add(Task.Run(() => AskOnceAsync(scheduled)));
            }

            running.RemoveAll(static task => task.IsCompletedSuccessfully);
            await timer.WaitForNextTickAsync(CancellationToken.None);
        }

        await Task.WhenAll(running);
    }

    private async Task AskOnceAsync(long scheduled)
    {
        string phase = Requests.Phase;
        using CancellationTokenSource deadline = new(Deadline);
        try
        {
            using RawHttp connection = new();
            await connection.ConnectAsync(http, deadline.Token);
            await connection.AskAsync(Single, deadline.Token);
            Requests.Count(phase, scheduled);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            Requests.CountFailure(e);
        }
    }

    private async Task KeepAliveAsync(Tally tally, byte[] request, Func<Random, TimeSpan> pause)
    {
        while (!_ending.IsCancellationRequested)
        {
            try
            {
                using RawHttp connection = new();
                await connection.ConnectAsync(http, CancellationToken.None);
                for (bool usable = true; usable && !_ending.IsCancellationRequested;)
                {
                    using CancellationTokenSource deadline = new(Deadline);
                    string phase = tally.Phase;
                    long begin = Stopwatch.GetTimestamp();
                    usable = await connection.AskAsync(request, deadline.Token);
                    tally.Count(phase, begin);
                    if (usable)
                    {
                        await Task.Delay(pause(Random.Shared), _ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                        usable = !connection.HasEnded;
                    }
                }
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                tally.CountFailure(e);
            }
        }
    }

    private HttpClient CreateHttp2() => new(new SocketsHttpHandler { EnableMultipleHttp2Connections = true })
    {
        BaseAddress = new Uri($"http://{http2}"),
        DefaultRequestVersion = HttpVersion.Version20,
        DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        Timeout = Deadline,
    };

    private async Task StreamAsync(HttpClient client, int number)
    {
        while (!_ending.IsCancellationRequested)
        {
            string phase = Streams.Phase;
            long begin = Stopwatch.GetTimestamp();
            try
            {
                using HttpResponseMessage answer = number % 2 == 0
                    ? await client.GetAsync("/slow")
                    : await client.PostAsync("/", new StringContent("hello"));
                answer.EnsureSuccessStatusCode();
                await answer.Content.ReadAsByteArrayAsync();
                Streams.Count(phase, begin);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                Streams.CountFailure(e);
            }

            await Task.Delay(number % 2 == 0 ? 0 : 20);
        }
    }

    private async Task EchoAsync()
    {
        byte[] buffer = new byte[64];
        while (!_ending.IsCancellationRequested)
        {
            using ClientWebSocket socket = new();
            try
            {
                await socket.ConnectAsync(new Uri($"ws://{http}/ws"), CancellationToken.None);
                while (socket.State == WebSocketState.Open)
                {
                    string phase = WebSockets.Phase;
                    long begin = Stopwatch.GetTimestamp();
                    await socket.SendAsync("hello"u8.ToArray(), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
                    WebSocketReceiveResult received = await socket.ReceiveAsync(buffer, CancellationToken.None).WaitAsync(Deadline);
                    if (received.MessageType != WebSocketMessageType.Close)
                    {
                        WebSockets.Count(phase, begin);
                        await Task.Delay(EchoPeriod);
                        if (_ending.IsCancellationRequested)
                        {
                            await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
                            return;
                        }
                    }
                }

                if (socket.CloseStatus == WebSocketCloseStatus.EndpointUnavailable)
                {
                    WebSockets.CountClosed();
                }

                await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                WebSockets.CountFailure(e);
            }
        }
    }
}
