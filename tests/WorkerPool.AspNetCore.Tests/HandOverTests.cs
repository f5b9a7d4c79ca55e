using System.Collections.Concurrent;
using System.Globalization;
using WorkerPool.AspNetCore.Tests.Support;
using Xunit;

namespace WorkerPool.AspNetCore.Tests;

/// <summary>Keep-alive connections that outlive their worker: the next one serves them, on the same socket of the client.</summary>
[Collection("Pools")]
public class HandOverTests
{
    [Fact]
    public async Task An_idle_connection_is_served_by_the_successor_again_and_again()
    {
        await using WebPool pool = await WebPool.StartAsync();
        using RawClient client = await pool.ConnectAsync();
        Assert.Contains("0 1 v1", await client.AskAsync("/who"), StringComparison.Ordinal);

        for (int generation = 2; generation <= 4; generation++)
        {
            (await pool.Master.ReplaceAsync(0, WebPool.Release($"v{generation}"))).EnsureDone();
            string answer = await client.AskAsync("/who");
            Assert.Contains($"0 {generation} v{generation}", answer, StringComparison.Ordinal);
            Assert.DoesNotContain("Connection: close", answer, StringComparison.Ordinal);
        }

        Assert.Equal(1, await pool.AcceptedTotalAsync());
    }

    [Fact]
    public async Task A_connection_on_which_nothing_was_said_yet_is_served_by_the_successor()
    {
        await using WebPool pool = await WebPool.StartAsync();
        using RawClient client = await pool.ConnectAsync();
        await pool.WhenReportedAsync(1);

        (await pool.Master.ReplaceAsync(0, WebPool.Release("v2"))).EnsureDone();

        Assert.Contains("0 2 v2", await client.AskAsync("/who"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Hundreds_of_idle_connections_move_at_once()
    {
        await using WebPool pool = await WebPool.StartAsync();
        List<RawClient> clients = [];
        for (int i = 0; i < 400; i++)
        {
            clients.Add(await pool.ConnectAsync());
            await clients[i].AskAsync("/who");
        }

        (await pool.Master.ReplaceAsync(0, WebPool.Release("v2"))).EnsureDone();

        foreach (RawClient client in clients)
        {
            Assert.Contains("0 2 v2", await client.AskAsync("/who"), StringComparison.Ordinal);
            client.Dispose();
        }
    }

    [Fact]
    public async Task Connections_of_a_slot_that_is_taken_away_go_to_the_others()
    {
        await using WebPool pool = await WebPool.StartAsync(options => options.WorkerCount = 2);
        List<RawClient> clients = [];
        for (int i = 0; i < 40; i++)
        {
            clients.Add(await pool.ConnectAsync());
            await clients[i].AskAsync("/who");
        }

        (await pool.Master.ScaleAsync(1)).EnsureDone();

        foreach (RawClient client in clients)
        {
            Assert.Contains("0 1 v1", await client.AskAsync("/who"), StringComparison.Ordinal);
            client.Dispose();
        }
    }

    [Fact]
    public async Task A_request_of_which_a_part_was_sent_is_served_where_it_began()
    {
        await using WebPool pool = await WebPool.StartAsync();
        using RawClient client = await pool.ConnectAsync();
        await client.AskAsync("/who");
        await client.SendAsync("GET /who HTTP/1.1\r\n");
        Task<Verdict> replaced = pool.Master.ReplaceAsync(0, WebPool.Release("v2"));
        await pool.WhenDrainingAsync();
        await Task.Delay(300); // in which all that is idle has moved

        await client.SendAsync("Host: test\r\n\r\n");
        string answer = await client.ReceiveAsync();
        Assert.Contains("0 1 v1", answer, StringComparison.Ordinal);
        Assert.Contains("Connection: close", answer, StringComparison.Ordinal);
        (await replaced).EnsureDone();
    }

    [Theory]
    [InlineData("Content-Length: 10\r\n", "0123456789")]
    [InlineData("Transfer-Encoding: chunked\r\n", "a\r\n0123456789\r\n0\r\n\r\n")]
    public async Task A_connection_does_not_move_while_the_rest_of_an_answered_request_is_on_its_way(string header, string body)
    {
        await using WebPool pool = await WebPool.StartAsync();
        using RawClient client = await pool.ConnectAsync();
        await client.SendAsync($"POST /unread HTTP/1.1\r\nHost: test\r\n{header}\r\n");
        string first = await client.ReceiveAsync();
        Assert.Contains("200 OK", first, StringComparison.Ordinal);
        Task<Verdict> replaced = pool.Master.ReplaceAsync(0, WebPool.Release("v2"));
        await pool.WhenDrainingAsync();
        await Task.Delay(300);
        Assert.False(replaced.IsCompleted);

        // If it had moved, the body would be taken for a request.
        await client.SendAsync(body);
        string second = await client.AskAsync("/who");
        Assert.Contains("200 OK", second, StringComparison.Ordinal);
        client.Dispose();
        (await replaced).EnsureDone();
    }

    [Fact]
    public async Task A_body_that_was_read_leaves_an_idle_connection_behind()
    {
        await using WebPool pool = await WebPool.StartAsync();
        using RawClient client = await pool.ConnectAsync();
        await client.SendAsync("POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\n\r\nhello");
        Assert.Contains("hello", await client.ReceiveAsync(), StringComparison.Ordinal);
        await client.SendAsync("POST /echo HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nagain\r\n0\r\n\r\n");
        Assert.Contains("again", await client.ReceiveAsync(), StringComparison.Ordinal);

        (await pool.Master.ReplaceAsync(0, WebPool.Release("v2"))).EnsureDone();

        Assert.Contains("0 2 v2", await client.AskAsync("/who"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_behind_one_that_is_served_does_not_move()
    {
        await using WebPool pool = await WebPool.StartAsync();
        using RawClient client = await pool.ConnectAsync();
        await client.SendAsync("GET /slow?ms=500 HTTP/1.1\r\nHost: test\r\n\r\nGET /who HTTP/1.1\r\nHost: test\r\n\r\n");
        await pool.WhenReportedAsync(1);
        Task<Verdict> replaced = pool.Master.ReplaceAsync(0, WebPool.Release("v2"));

        string answer = await client.ReceiveAsync();
        if (!answer.Contains("Connection: close", StringComparison.Ordinal))
        {
            Assert.Contains("0 1 v1", await client.ReceiveAsync(), StringComparison.Ordinal); // both were answered before the drain
        }
        else
        {
            Assert.True(await client.IsEndedAsync()); // the client was told that the second is not answered
        }

        client.Dispose();
        (await replaced).EnsureDone();
    }

    [Theory]
    [InlineData("/bind", "")]
    [InlineData("/who", "no-hand-over")]
    public async Task A_connection_is_closed_if_the_app_keeps_something_with_it_or_if_nobody_takes_it(string path, string successor)
    {
        await using WebPool pool = await WebPool.StartAsync();
        using RawClient client = await pool.ConnectAsync();
        await client.AskAsync(path);

        Task<Verdict> replaced = pool.Master.ReplaceAsync(0, WebPool.Release("v2", successor));

        Assert.True(await client.IsEndedAsync());
        client.Dispose();
        (await replaced).EnsureDone();
    }

    [Fact]
    public async Task No_POST_of_clients_that_pause_fails_in_rollouts_and_no_connection_is_reset()
    {
        await using WebPool pool = await WebPool.StartAsync(options => options.WorkerCount = 2);
        ConcurrentQueue<string> failures = [];
        int posts = 0;
        using CancellationTokenSource ending = new(TimeSpan.FromMinutes(2));
        Task[] clients = [.. Enumerable.Range(0, 50).Select(seed => PostAsync(pool, new Random(seed), failures, () => Interlocked.Increment(ref posts), ending.Token))];
        for (int i = 2; i <= 5; i++)
        {
            (await pool.Master.RollAsync(new RolloutPlan(WebPool.Release(string.Create(CultureInfo.InvariantCulture, $"v{i}"))) { Bake = TimeSpan.Zero })).EnsureDone();
        }

        await ending.CancelAsync();
        await Task.WhenAll(clients);
        Assert.True(failures.IsEmpty, $"{failures.Count} of {posts} failed. The first: {failures.FirstOrDefault()}");
        Assert.True(posts > 100, $"Only {posts} POSTs.");
    }

    /// <summary>A POST now and then, on one connection until the server says that it closes it.</summary>
    private static async Task PostAsync(WebPool pool, Random random, ConcurrentQueue<string> failures, Action count, CancellationToken cancellationToken)
    {
        RawClient? client = null;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                client ??= await pool.ConnectAsync();
                await client.SendAsync("POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\n\r\nhello");
                string answer = await client.ReceiveAsync();
                if (!answer.Contains("hello", StringComparison.Ordinal))
                {
                    failures.Enqueue(answer);
                }

                count();
                if (answer.Contains("Connection: close", StringComparison.Ordinal))
                {
                    client.Dispose();
                    client = null;
                }
            }
            catch (Exception e)
            {
                failures.Enqueue(e.ToString());
                client?.Dispose();
                client = null;
            }

            await Task.Delay(random.Next(0, 1000), cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        client?.Dispose();
    }
}
