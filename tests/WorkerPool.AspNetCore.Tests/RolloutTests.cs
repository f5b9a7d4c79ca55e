using System.Collections.Concurrent;
using System.Net;
using WorkerPool.AspNetCore.Tests.Support;
using Xunit;

namespace WorkerPool.AspNetCore.Tests;

/// <summary>Rollouts while clients of several kinds are served; the large one is in benchmarks/, see docs/aspnetcore.md.</summary>
[Collection("Pools")]
public sealed class RolloutTests : IDisposable
{
    private readonly ConcurrentQueue<Exception> _lost = new();
    private readonly CancellationTokenSource _ending = new(TimeSpan.FromMinutes(2));
    private int _served;

    [Fact]
    public async Task No_request_is_lost_while_all_workers_are_replaced()
    {
        await using WebPool pool = await WebPool.StartAsync(options => options.WorkerCount = 2);
        using HttpClient http2 = pool.CreateClient("h2c");
        using HttpClient tls = pool.CreateClient("https");
        using HttpClient tls1 = pool.CreateClient("https");
        tls1.DefaultRequestVersion = HttpVersion.Version11;
        Task[] clients =
        [
            .. Enumerable.Range(0, 4).Select(_ => RepeatAsync(() => ServeOneAsync(pool))),
            .. Enumerable.Range(0, 10).Select(_ => KeepAliveAsync(pool)),
            .. Enumerable.Range(0, 4).Select(_ => RepeatAsync(() => http2.GetStringAsync("/slow?ms=20"))),
            .. Enumerable.Range(0, 4).Select(_ => RepeatAsync(() => PostAsync(tls))),
            .. Enumerable.Range(0, 4).Select(_ => RepeatAsync(() => PostAsync(tls1))),
            .. Enumerable.Range(0, 2).Select(_ => RepeatAsync(() => PostOnNewConnectionAsync(pool))),
        ];

        for (int i = 0; i < 2; i++)
        {
            (await pool.Master.RollAsync(new RolloutPlan(WebPool.Release($"v{i + 2}")) { Bake = TimeSpan.Zero })).EnsureDone();
        }

        await _ending.CancelAsync();
        await Task.WhenAll(clients);
        Assert.True(_lost.IsEmpty, $"{_lost.Count} were lost, {_served} served. The first: {_lost.FirstOrDefault()}");
        Assert.True(_served > 100, $"Only {_served} were served.");
    }

    public void Dispose() => _ending.Dispose();

    private static async Task PostAsync(HttpClient client)
    {
        using HttpResponseMessage answer = await client.PostAsync("/echo", new StringContent("hello"));
        Assert.Equal("hello", await answer.Content.ReadAsStringAsync());
    }

    private static async Task PostOnNewConnectionAsync(WebPool pool)
    {
        using HttpClient client = pool.CreateClient("https");
        await PostAsync(client);
    }

    private static async Task ServeOneAsync(WebPool pool)
    {
        using RawClient client = await pool.ConnectAsync();
        await client.AskAsync("/who");
    }

    /// <summary>One request after the other on a connection, until the server says that it closes it.</summary>
    private Task KeepAliveAsync(WebPool pool) => RepeatAsync(async () =>
    {
        using RawClient client = await pool.ConnectAsync();
        while (!(await client.AskAsync("/slow?ms=10")).Contains("Connection: close", StringComparison.Ordinal) && !_ending.IsCancellationRequested)
        {
            Interlocked.Increment(ref _served);
        }
    });

    private async Task RepeatAsync(Func<Task> ask)
    {
        while (!_ending.IsCancellationRequested)
        {
            try
            {
                await ask();
                Interlocked.Increment(ref _served);
            }
            catch (Exception e)
            {
                _lost.Enqueue(e);
            }
        }
    }
}
