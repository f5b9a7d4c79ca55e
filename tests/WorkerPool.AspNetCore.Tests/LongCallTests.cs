using System.Collections.Concurrent;
using System.Globalization;
using System.Net.WebSockets;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.SignalR.Client;
using WorkerPool.AspNetCore.TestWorker;
using WorkerPool.AspNetCore.Tests.Support;
using Xunit;

namespace WorkerPool.AspNetCore.Tests;

/// <summary>Calls and connections that are longer than the life of a worker's slot: what their clients see of a rollout.</summary>
[Collection("Pools")]
public class LongCallTests
{
    [Fact]
    public async Task Grpc_calls_are_answered_and_a_stream_that_has_begun_comes_to_its_end_where_it_began()
    {
        await using WebPool pool = await WebPool.StartAsync();
        using GrpcChannel channel = GrpcChannel.ForAddress($"http://{pool.Address("h2c")}");
        Greeter.GreeterClient client = new(channel);
        using AsyncServerStreamingCall<CountReply> counting = client.Count(new CountRequest { Replies = 100, Milliseconds = 20 });
        Assert.True(await counting.ResponseStream.MoveNext());
        using CancellationTokenSource ending = new();
        Task<List<string>> asking = AskAsync(client, ending.Token);

        (await pool.Master.ReplaceAsync(0, WebPool.Release("v2"))).EnsureDone(); // when the stream has ended

        List<(int, string)> replies = [(counting.ResponseStream.Current.Number, counting.ResponseStream.Current.Label)];
        await foreach (CountReply reply in counting.ResponseStream.ReadAllAsync())
        {
            replies.Add((reply.Number, reply.Label));
        }

        Assert.Equal(Enumerable.Range(1, 100).Select(number => (number, "v1")), replies);
        Assert.Equal("v2", (await client.WhoAsync(new WhoRequest())).Label);
        await ending.CancelAsync();
        Assert.Equal(["v1", "v2"], (await asking).Distinct());
    }

    /// <summary>SignalR is told to come back, and does: one end of the connection and one new connection for each rollout, and no call fails but those that are under way at the end.</summary>
    [Fact]
    public async Task A_hub_connection_lives_until_the_deadline_and_its_client_comes_back_to_the_next_worker()
    {
        await using WebPool pool = await WebPool.StartAsync(options => options.DrainDeadline = TimeSpan.FromSeconds(1));
        await using HubConnection hub = CreateHubConnection(pool);
        ConcurrentQueue<string?> left = [];
        TaskCompletionSource returned = new(TaskCreationOptions.RunContinuationsAsynchronously);
        hub.Reconnecting += reason =>
        {
            left.Enqueue(reason?.Message);
            return Task.CompletedTask;
        };
        hub.Reconnected += _ =>
        {
            returned.SetResult();
            return Task.CompletedTask;
        };
        await hub.StartAsync();
        Assert.Equal("v1", await hub.InvokeAsync<string>("Who"));

        Task<Verdict> replaced = pool.Master.ReplaceAsync(0, WebPool.Release("v2"));
        await pool.WhenDrainingAsync();
        Assert.Equal("v1", await hub.InvokeAsync<string>("Who")); // goes on for as long as the drain allows

        await returned.Task.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal("v2", await hub.InvokeAsync<string>("Who"));
        Assert.Single(left);
        (await replaced).EnsureDone();
    }

    [Fact]
    public async Task A_hub_call_that_is_under_way_at_the_deadline_fails_at_once_and_one_that_ends_before_is_answered()
    {
        await using WebPool pool = await WebPool.StartAsync(options => options.DrainDeadline = TimeSpan.FromSeconds(1));
        await using HubConnection hub = CreateHubConnection(pool);
        TaskCompletionSource returned = new(TaskCreationOptions.RunContinuationsAsynchronously);
        hub.Reconnected += _ =>
        {
            returned.SetResult();
            return Task.CompletedTask;
        };
        await hub.StartAsync();
        Task<Verdict> replaced = pool.Master.ReplaceAsync(0, WebPool.Release("v2"));
        await pool.WhenDrainingAsync();
        Task<string> shortCall = hub.InvokeAsync<string>("WhoSlowly", 100);
        Task<string> longCall = hub.InvokeAsync<string>("WhoSlowly", 600_000);

        Assert.Equal("v1", await shortCall);
        await Assert.ThrowsAsync<WebSocketException>(() => longCall.WaitAsync(TimeSpan.FromSeconds(30)));
        await returned.Task.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal("v2", await hub.InvokeAsync<string>("WhoSlowly", 1));
        (await replaced).EnsureDone();
    }

    [Fact]
    public async Task A_stream_of_HelloWeb_that_has_begun_comes_to_its_end_where_it_began()
    {
        await using WebPool pool = await WebPool.StartAsync(options => options.Release = HelloWeb("v1"));
        using HttpClient client = pool.CreateClient();
        using HttpResponseMessage answer = await client.GetAsync("/stream?lines=20", HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal("v1", answer.Headers.GetValues("x-version").Single());

        (await pool.Master.ReplaceAsync(0, HelloWeb("v2"))).EnsureDone(); // when the stream has ended

        string[] lines = (await answer.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(Enumerable.Range(1, 20).Select(line => string.Create(CultureInfo.InvariantCulture, $"line {line}")), lines);
        using HttpResponseMessage next = await client.GetAsync("/");
        Assert.Equal("v2", next.Headers.GetValues("x-version").Single());
    }

    [Fact]
    public async Task A_stream_of_HelloWeb_that_is_longer_than_the_drain_ends_in_order()
    {
        await using WebPool pool = await WebPool.StartAsync(options =>
        {
            options.Release = HelloWeb("v1");
            options.DrainDeadline = TimeSpan.FromSeconds(1);
        });
        using HttpClient client = pool.CreateClient();
        using HttpResponseMessage answer = await client.GetAsync("/stream?lines=10000", HttpCompletionOption.ResponseHeadersRead);

        (await pool.Master.ReplaceAsync(0, HelloWeb("v2"))).EnsureDone();

        Assert.EndsWith("\n", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal); // and not an error
    }

    private static HubConnection CreateHubConnection(WebPool pool) => new HubConnectionBuilder()
        .WithUrl($"http://{pool.Address()}/hub")
        .WithAutomaticReconnect([TimeSpan.Zero, TimeSpan.Zero, TimeSpan.FromMilliseconds(100)])
        .Build();

    private static Release HelloWeb(string label) =>
        Release.Create(Path.Combine(AppContext.BaseDirectory, "HelloWeb"), ["--listen", "127.0.0.1:0"], label);

    /// <summary>Who answered, one call after the other; each fails the test that fails.</summary>
    private static async Task<List<string>> AskAsync(Greeter.GreeterClient client, CancellationToken ending)
    {
        List<string> labels = [];
        while (!ending.IsCancellationRequested)
        {
            labels.Add((await client.WhoAsync(new WhoRequest(), cancellationToken: CancellationToken.None)).Label);
            await Task.Delay(5, CancellationToken.None);
        }

        return labels;
    }
}
